/**
 * The gateway's own HTTP surface, beside the Kubernetes API it proxies at `/clusters/<id>/k8s/*` (HTTP and WebSocket
 * upgrades, so logs, exec and attach are plain Kubernetes requests) and the `/live` WebSocket (see live.ts). A WebSocket at
 * `/clusters/<id>/stream/*` answers the same GETs with their body as binary frames, a failure as one text frame with a
 * Status: for followed logs and watches, which would use up a browser's six connections. Every request
 * needs the launch token: `/?token=T` trades it for a cookie, programs send `Authorization: Bearer T`.
 * JSON in and out; failures are Kubernetes Status objects.
 *
 *   GET    /api/clusters                                  ClusterSummary[]
 *   GET    /api/clusters/<id>/port-forwards               PortForward[]
 *   POST   /api/clusters/<id>/port-forwards               PortForwardRequest → PortForward
 *   DELETE /api/clusters/<id>/port-forwards/<forward id>  204
 *   GET    /api/clusters/<id>/scheduling/<namespace>/<pod>  Explanation (scheduling.ts): how the latest attempt to place
 *          the pod went; 404 when that is forgotten, or the cluster's scheduler is not ours
 *   GET    /api/preferences, PUT /api/preferences         the page's saved preferences, any JSON object
 */
export interface ClusterSummary {
  id: string
  name: string
  /** API server address. */
  server: string
  /** `refused`: it answers, and does not know the credentials. */
  state: 'ready' | 'refused' | 'unreachable'
  message?: string
  version?: string
  /** Whether this is the built-in cluster. */
  builtIn: boolean
}

export interface PortForwardRequest {
  namespace: string
  kind: 'Pod' | 'Service'
  name: string
  /** Port of the Service or container: number or name. */
  port: number | string
  /** 0 or absent picks a free one. */
  localPort?: number
}

export interface PortForward extends PortForwardRequest {
  id: string
  localPort: number
  address: string
  state: 'active' | 'failed'
  message?: string
  connections: number
  startedAt: string
}
