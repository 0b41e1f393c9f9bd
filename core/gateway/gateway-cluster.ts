import type { Explanation } from '../api/scheduling.ts'

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
  /** How the latest attempt to place a pod (`namespace/name`) went, where the scheduler runs in this process. */
  explainScheduling?(podKey: string): Explanation | undefined
}
