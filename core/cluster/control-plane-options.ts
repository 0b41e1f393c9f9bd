import type { VirtualReader } from '../registry/verbs/read-virtual.ts'
import type { NodeBackends } from '../server/streaming/backend.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { ControlPlaneFlags } from './control-plane-flags.ts'
import type { OpenedStore } from './open-store.ts'
import type { AuditLogOptions } from './options.ts'

/** What a control plane is made from: its flags, and what the process around it gives. */
export interface ControlPlaneOptions extends ControlPlaneFlags {
  dataDirectory: string
  /** The store where it is being opened already; else it is opened by these options. */
  opening?: Promise<OpenedStore>
  nodeBackends: NodeBackends
  /** Where a node's kubelet listens; undefined for a node that does not run here. */
  kubeletAddress?: (nodeName: string) => { host: string; port: number } | undefined
  /** Encrypts Secrets at rest; 32 bytes. Absent: the key in the data directory does, made at the first start. */
  encryptionKey?: Uint8Array
  /** What works out virtual kinds when they are read, by `<plural>.<group>`. */
  readers?: Readonly<Record<string, VirtualReader>>
  /** Whether controllers and scheduler work; `/readyz` says no until then. Absent: there are none to wait for. */
  agentsReady?: () => boolean
  /** Left out: nothing is audited. */
  audit?: AuditLogOptions
  /** The process's flags, by name; for who asks. */
  flags?: Readonly<Record<string, string>>
  clock: Clock
  log: Logger
}
