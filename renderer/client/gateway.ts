import type { ClusterSummary, PortForward, PortForwardRequest } from '../../core/api/gateway.ts'
import type { Explanation } from '../../core/api/scheduling.ts'
import { send, sendJson } from './http.ts'

function forwards(cluster: string): string {
  return `/api/clusters/${encodeURIComponent(cluster)}/port-forwards`
}

/** The clusters this window can open. */
export function listClusters(): Promise<ClusterSummary[]> {
  return sendJson('/api/clusters')
}

/** The port-forwards of one cluster. */
export function listPortForwards(cluster: string): Promise<PortForward[]> {
  return sendJson(forwards(cluster))
}

/** Starts a port-forward and answers with its local port. */
export function startPortForward(cluster: string, request: PortForwardRequest): Promise<PortForward> {
  return sendJson(forwards(cluster), { method: 'POST', json: request })
}

/** Stops a port-forward. */
export async function stopPortForward(cluster: string, id: string): Promise<void> {
  await send(`${forwards(cluster)}/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

/** How the latest attempt to place a pod went. Throws a 404 when the scheduler has forgotten it, or is not ours. */
export function explainScheduling(
  cluster: string,
  ref: { namespace: string; name: string },
): Promise<Explanation> {
  const place = [cluster, 'scheduling', ref.namespace, ref.name].map(encodeURIComponent).join('/')
  return sendJson(`/api/clusters/${place}`)
}

/** The saved preferences; an empty object at first. */
export function readPreferences(): Promise<Record<string, unknown>> {
  return sendJson('/api/preferences')
}

/** Saves the preferences whole, also when the page is left at once. */
export async function writePreferences(preferences: object): Promise<void> {
  await send('/api/preferences', {
    method: 'PUT',
    keepalive: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(preferences),
  })
}
