import type { Duplex } from 'node:stream'
import type { PodResources, VolumeFile } from './specs.ts'
import type { RuntimeUsage, UsageTargets } from './usage.ts'

/**
 * The helper container of one node (pid=host, SYS_ADMIN + NET_ADMIN), driven over one persistent stream. It does what the
 * Docker API cannot: enter a pod's namespaces. Calls for one process run in order; each resolves when done.
 */
export interface NodeAgent {
  /** Applies an nft ruleset inside the network namespace of process `pid`. Rejects with nft's message. */
  applyRules(pid: number, ruleset: string): Promise<void>
  /** Writes files below `root` as process `pid` sees its file system; each is replaced atomically. */
  writeFiles(pid: number, root: string, files: VolumeFile[]): Promise<void>
  /**
   * Replaces the whole content of volumes as process `pid` sees them, each in one step, by upstream's layout: the files lie in
   * a directory that the link `..data` names, beside a link for each of them.
   */
  writePayloads(pid: number, payloads: VolumePayload[]): Promise<void>
  /** What the engine's own API does not tell of its machine; what cannot be seen is left out. */
  hostFacts(): Promise<HostFacts>
  /** Bytes on disk of directories as process `pid` sees them, by path; those that cannot be read are left out. */
  measure(pid: number, paths: string[]): Promise<Map<string, number>>
  /** Bytes that the engine keeps of what containers logged, by container id; those it has no log of are left out. */
  logBytes(containerIds: string[]): Promise<Map<string, number>>
  /**
   * What containers and the machine use now, in one round trip; undefined where the control groups cannot be seen.
   * `groupOf` tells the control group that a container was made in, where that is not the engine's own.
   */
  measureUsage(
    targets: UsageTargets,
    groupOf?: (containerId: string) => string | undefined,
  ): Promise<RuntimeUsage | undefined>
  /** Sets what the members of a control group may use together. Rejects where the kernel refuses, or has no such group. */
  limitGroup(group: string, resources: PodResources): Promise<void>
  /** Removes a control group that nothing is in any more; leaves one that is in use. */
  removeGroup(group: string): Promise<void>
  /** Gives directories with all they hold to a group, which may read and write everything (upstream: SetVolumeOwnership). */
  setGroups(pid: number, directories: GroupOwnership[]): Promise<void>
  /**
   * Where paths inside volumes really lead, as process `pid` sees them, symbolic links resolved; missing directories are made.
   * Undefined for one that leads out of its volume.
   */
  resolveSubPaths(pid: number, subPaths: SubPath[]): Promise<Array<string | undefined>>
  /** The start of a file in a volume, at most 64 KiB, blank space at its ends left out; undefined where there is none inside. */
  readFile(pid: number, file: SubPath): Promise<string | undefined>
  /** Overwrites one existing file in place (a bind mount such as /etc/resolv.conf). */
  overwriteFile(pid: number, path: string, content: Uint8Array): Promise<void>
  /** A byte stream to 127.0.0.1:`port` inside the network namespace of process `pid`. */
  dial(pid: number, port: number): Promise<Duplex>
  close(): Promise<void>
}

export interface HostFacts {
  bootId?: string
  swapBytes?: number
  /** Of the file system that images and containers lie on. */
  diskBytes?: number
}

export interface GroupOwnership {
  path: string
  gid: number
  /** Nothing is done when the directory itself is as it should be. */
  onlyWhenRootDiffers: boolean
}

/** A path inside a volume. */
export interface SubPath {
  /** The volume's directory. */
  root: string
  /** Relative to it. */
  path: string
}

/** The new content of one volume. */
export interface VolumePayload {
  /** The volume's directory. */
  root: string
  /** Name of the directory that holds this content; never used before in this volume. Begins with two dots. */
  version: string
  files: VolumeFile[]
}
