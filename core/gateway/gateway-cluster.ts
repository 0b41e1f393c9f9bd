import type { GroupVersionResource } from '../api/gvk.ts'
import type { Explanation } from '../api/scheduling.ts'
import type { TableSource } from './live/table-source.ts'

/** A cluster the gateway can reach. Credentials are read anew for each request, so getters may renew them. */
export interface GatewayCluster {
  /** Part of URLs: letters, digits, `-`, `_` and `.`. */
  id: string
  name: string
  /** `https://host:port`, with a path where the API is served below one. */
  server: string
  /** PEM; absent trusts the machine's own authorities. */
  ca?: Buffer | string | undefined
  /** PEM pair of a client certificate. */
  clientCert?: Buffer | string | undefined
  clientKey?: Buffer | string | undefined
  /** Bearer token. */
  token?: string | undefined
  builtIn: boolean
  /**
   * Where the cluster's API server runs in this process: its lists, neither written as JSON nor sent over TLS to be read again. Undefined
   * for what other servers serve behind it.
   */
  tables?(resource: GroupVersionResource): TableSource | undefined
  /** How the latest attempt to place a pod (`namespace/name`) went, where the scheduler runs in this process. */
  explainScheduling?(podKey: string): Explanation | undefined
}
