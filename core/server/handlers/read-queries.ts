import type { ListQuery, ReadOptions, WatchQuery } from '../../registry/registry.ts'
import { booleanParameter, integerParameter, textParameter } from './query-values.ts'

function set<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value
}

/** GetOptions from the query. */
export function parseReadOptions(query: URLSearchParams): ReadOptions {
  const options: ReadOptions = {}
  set(options, 'resourceVersion', textParameter(query, 'resourceVersion'))
  set(options, 'resourceVersionMatch', textParameter(query, 'resourceVersionMatch'))
  return options
}

/** The field selector of a request, with the name of a legacy `/watch/…/name` path added. */
function fieldSelectorOf(query: URLSearchParams, name: string | undefined): string | undefined {
  const selector = textParameter(query, 'fieldSelector')
  if (!name || selector?.includes(`metadata.name=${name}`)) return selector
  return [selector, `metadata.name=${name}`].filter(Boolean).join(',')
}

/** ListOptions from the query. Throws 400 for values that do not parse. */
export function parseListQuery(
  query: URLSearchParams,
  target: { namespace: string | undefined; name?: string },
): ListQuery {
  const list: ListQuery = parseReadOptions(query)
  set(list, 'namespace', target.namespace)
  set(list, 'labelSelector', textParameter(query, 'labelSelector'))
  set(list, 'fieldSelector', fieldSelectorOf(query, target.name))
  // A list answers at once, but what is no number is refused all the same.
  integerParameter(query, 'timeoutSeconds')
  set(list, 'limit', integerParameter(query, 'limit'))
  set(list, 'continue', textParameter(query, 'continue'))
  set(list, 'sendInitialEvents', booleanParameter(query, 'sendInitialEvents'))
  return list
}

/** ListOptions of a watch from the query. Throws 400 for values that do not parse. */
export function parseWatchQuery(
  query: URLSearchParams,
  target: { namespace: string | undefined; name?: string },
): WatchQuery {
  const watch: WatchQuery = parseReadOptions(query)
  set(watch, 'namespace', target.namespace)
  set(watch, 'labelSelector', textParameter(query, 'labelSelector'))
  set(watch, 'fieldSelector', fieldSelectorOf(query, target.name))
  set(watch, 'allowWatchBookmarks', booleanParameter(query, 'allowWatchBookmarks'))
  set(watch, 'sendInitialEvents', booleanParameter(query, 'sendInitialEvents'))
  set(watch, 'timeoutSeconds', integerParameter(query, 'timeoutSeconds'))
  set(watch, 'continue', textParameter(query, 'continue'))
  return watch
}
