/** An address and port of a process on the host, as pods reach it. */
export interface HostTarget {
  ip: string
  port: number
}
