import { exactValue, parseFieldSelector, SelectorError } from '../api/selectors.ts'
import { badRequest } from '../api/status.ts'

/**
 * What a request asks for, read from its method, path and query alone (upstream: apiserver/pkg/endpoints/request/
 * requestinfo.go). `verb` is the API verb for resources (`list`, `deletecollection` …) and the lower-case method else.
 */
export interface RequestInfo {
  isResourceRequest: boolean
  /** Decoded path, without the query. Outside the resources it ends with a slash where the client's does. */
  path: string
  verb: string
  /** `api` or `apis` for resource requests, else ''. */
  apiPrefix: string
  apiGroup: string
  apiVersion: string
  namespace: string
  resource: string
  subresource: string
  name: string
  /** Of a list, watch or deletion of many; else ''. */
  fieldSelector: string
  /** Segments from the resource on: `[resource, name, subresource, …]`. */
  parts: string[]
}

const verbByMethod: Record<string, string> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
/** `api/v1/nodes/x/proxy`: the first place where a subresource may stand. */
const firstSubresource = 4
const namespaceSubresources = new Set(['status', 'finalize'])

function decodeSegment(segment: string): string {
  let text: string
  try {
    text = decodeURIComponent(segment)
  } catch {
    throw badRequest(`invalid URL escape in path segment "${segment}"`)
  }
  if (text === '.' || text === '..' || /[/\\\0]/.test(text)) {
    throw badRequest(`invalid path segment "${segment}": may not be '.', '..' or contain '/', '\\' or NUL`)
  }
  return text
}

/** Splits a raw URL path into decoded segments. Throws 400 for escapes and segments that could leave the path. */
function splitPath(rawPath: string): string[] {
  let start = 0
  let end = rawPath.length
  while (start < end && rawPath.charCodeAt(start) === 47) start++
  while (end > start && rawPath.charCodeAt(end - 1) === 47) end--
  if (start === end) return []
  const segments = rawPath.slice(start, end).split('/')
  // What follows a `proxy` subresource is for whom it leads to to understand.
  const proxyAt = segments.indexOf('proxy', firstSubresource)
  return segments.map((segment, at) =>
    (proxyAt >= 0 && at > proxyAt) || /^[A-Za-z0-9_~-][A-Za-z0-9._~:-]*$/.test(segment)
      ? segment
      : decodeSegment(segment),
  )
}

/** The name that a selector asks for, where a path could have it. What does not parse is refused later. */
function nameFromFieldSelector(selector: string): string {
  try {
    const name = exactValue(parseFieldSelector(selector), 'metadata.name') ?? ''
    return /^\.{1,2}$|[/%]/.test(name) ? '' : name
  } catch (error) {
    if (error instanceof SelectorError) return ''
    throw error
  }
}

/** Whether a query value is true as Go's strconv.ParseBool reads it; any other non-empty text counts as true too. */
export function isTrue(value: string | null | undefined): boolean {
  return typeof value === 'string' && !/^(|0|f|F|false|FALSE|False)$/.test(value)
}

/** What is known of a request that has not been read. */
export const noRequestInfo: Readonly<RequestInfo> = {
  isResourceRequest: false,
  path: '',
  verb: '',
  apiPrefix: '',
  apiGroup: '',
  apiVersion: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  fieldSelector: '',
  parts: [],
}

/** Reads a request. Throws a 400 StatusError for paths that cannot be understood. */
export function parseRequestInfo(method: string, rawPath: string, query: URLSearchParams): RequestInfo {
  const segments = splitPath(rawPath)
  const info = { ...noRequestInfo, path: `/${segments.join('/')}`, verb: method.toLowerCase() }
  const prefix = segments[0]
  const versionAt = prefix === 'api' ? 1 : 2
  const isResource = (prefix === 'api' || prefix === 'apis') && segments.length >= versionAt + 2
  if (!isResource) {
    if (segments.length > 0 && rawPath.endsWith('/')) info.path += '/'
    return info
  }
  info.isResourceRequest = true
  info.apiPrefix = prefix
  info.apiGroup = prefix === 'apis' ? segments[1]! : ''
  info.apiVersion = segments[versionAt]!
  info.verb = verbByMethod[method] ?? ''
  readResource(info, segments.slice(versionAt + 1), query)
  return info
}

function readResource(info: RequestInfo, segments: string[], query: URLSearchParams): void {
  let rest = segments
  if (rest[0] === 'watch' || rest[0] === 'proxy') {
    if (rest.length < 2) {
      throw badRequest(`unable to determine kind and namespace from url, ${info.path}`)
    }
    info.verb = rest[0]
    rest = rest.slice(1)
  }
  if (rest[0] === 'namespaces' && rest.length > 1) {
    info.namespace = rest[1]!
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2)
  }
  info.parts = rest
  info.resource = rest[0] ?? ''
  info.name = rest[1] ?? ''
  if (info.verb !== 'proxy') info.subresource = rest[2] ?? ''
  if (info.name === '' && info.verb === 'get') {
    // As upstream's Convert_Slice_string_To_bool: nothing is true, too.
    const watch = query.get('watch')
    info.verb = watch !== null && !/^(0|false)$/i.test(watch) ? 'watch' : 'list'
    info.fieldSelector = query.get('fieldSelector') ?? ''
    info.name = nameFromFieldSelector(info.fieldSelector)
  } else if (info.name === '' && info.verb === 'delete') {
    info.verb = 'deletecollection'
    info.fieldSelector = query.get('fieldSelector') ?? ''
  }
}

/** Requests that may last as long as the client likes: no time limit and no place among the in-flight ones. */
export function isLongRunning(info: RequestInfo, query: URLSearchParams): boolean {
  if (!info.isResourceRequest) return false
  if (info.verb === 'watch' || info.verb === 'proxy') return true
  if (info.subresource === 'log') return isTrue(query.get('follow'))
  return ['exec', 'attach', 'portforward', 'proxy'].includes(info.subresource)
}
