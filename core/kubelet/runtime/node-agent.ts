import type { Duplex } from 'node:stream'
import type { VolumeFile } from './runtime.ts'

/**
 * The helper container of one node (pid=host, SYS_ADMIN + NET_ADMIN), driven over one persistent stream. It does what the
 * Docker API cannot: enter a pod's namespaces. Calls for one process run in order; each resolves when done.
 */
export interface NodeAgent {
  /** Applies an nft ruleset inside the network namespace of process `pid`. Rejects with nft's message. */
  applyRules(pid: number, ruleset: string): Promise<void>
  /** Writes files below `root` as process `pid` sees its file system; each is replaced atomically. */
  writeFiles(pid: number, root: string, files: VolumeFile[]): Promise<void>
  /** Overwrites one existing file in place (a bind mount such as /etc/resolv.conf). */
  overwriteFile(pid: number, path: string, content: Uint8Array): Promise<void>
  /** A byte stream to 127.0.0.1:`port` inside the network namespace of process `pid`. */
  dial(pid: number, port: number): Promise<Duplex>
  close(): Promise<void>
}
