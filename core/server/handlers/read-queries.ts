import { escapedFieldValue, exactValue, parseFieldSelector } from '../../api/selectors.ts'
import { badRequest } from '../../api/status.ts'
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

/**
 * The field selector of a request that may name an object, by a legacy path such as `/watch/…/name` or by the selector
 * itself. Throws 400 for one that picks something else.
 */
function fieldSelectorOf(query: URLSearchParams, name: string | undefined): string | undefined {
  const selector = textParameter(query, 'fieldSelector')
  if (!name) return selector
  const requirements = parseFieldSelector(selector ?? '')
  if (requirements.length === 0) return `metadata.name=${escapedFieldValue(name)}`
  if (exactValue(requirements, 'metadata.name') !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  return selector
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
