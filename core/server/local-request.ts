import type { GroupVersionResource } from '../api/gvk.ts'
import type { UserInfo } from '../api/request.ts'
import type { RequestInfo } from './request-info.ts'

/** The request shape of core/client/transport.ts, which this layer may not import. */
export interface LocalCall {
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  resource: GroupVersionResource
  namespace?: string
  name?: string
  subresource?: string
  query?: Record<string, string>
  body?: unknown
  patchType?: 'json' | 'merge' | 'strategic' | 'apply'
  signal?: AbortSignal
}

/** What a call over a local transport asks for. */
export interface LocalRequest extends Omit<LocalCall, 'verb'> {
  verb: string
}

/** The program a user of the system stands for: what the same part calls itself where it runs on its own. */
export function programOf({ name }: UserInfo): string {
  if (name.startsWith('system:node:')) return 'kubelet'
  if (name === 'system:apiserver') return 'kube-apiserver'
  return name.slice(name.lastIndexOf(':') + 1).replaceAll('/', '-')
}

/** The call as it would be over HTTP: its path. */
function pathOf({ resource, namespace, name, subresource }: LocalRequest): string {
  const { group, version } = resource
  const parts = [group ? `/apis/${group}/${version}` : `/api/${version}`]
  if (namespace) parts.push('namespaces', namespace)
  for (const part of [resource.resource, name, subresource]) if (part) parts.push(part)
  return parts.join('/')
}

/** The call's path and query, as it would be over HTTP. */
export function localUri(request: LocalRequest): string {
  const query = new URLSearchParams(request.query)
  if (request.verb === 'watch') query.set('watch', 'true')
  return query.size > 0 ? `${pathOf(request)}?${query}` : pathOf(request)
}

/** What authorization and audit go by. */
export function localInfo(request: LocalRequest): RequestInfo {
  const { resource, namespace = '', name = '', subresource = '', verb } = request
  return {
    isResourceRequest: true,
    path: pathOf(request),
    verb,
    apiPrefix: resource.group ? 'apis' : 'api',
    apiGroup: resource.group,
    apiVersion: resource.version,
    namespace,
    resource: resource.resource,
    subresource,
    name,
    fieldSelector: request.query?.fieldSelector ?? '',
    parts: [resource.resource, name, subresource].filter((part) => part !== ''),
  }
}
