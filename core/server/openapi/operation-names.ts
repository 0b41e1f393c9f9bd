import type { Route } from './route.ts'

/** The verbs that begin a route's operation, the longest of those with a common beginning first. */
const verb = /^(?:connect|create|delete|get|list|log|patch|proxy|read|replace|watch)/

/**
 * The id of a route's operation and its tag: group and version stand after the verb, so that no two kinds share an id
 * (upstream: apiserver pkg/endpoints/openapi GetOperationIDAndTags).
 */
export function namesOfOperation({ operation, path }: Route): { operationId: string; tags?: string[] } {
  const parts = path.replace(/^\/|\/$/g, '').split('/')
  if (parts[0] === 'api') parts.splice(0, 1, 'apis', 'core')
  const [prefix = ''] = verb.exec(operation) ?? []
  const rest = operation.slice(prefix.length)
  if (parts[0] !== 'apis' || parts[1] === undefined) {
    return { operationId: prefix + identifier(rest, prefix !== ''), tags: [identifier(parts[0]!, false)] }
  }
  const [, group, version] = parts
  const name = group.replace(/\.k8s\.io$/, '')
  const versions = version === undefined ? [] : [version]
  const scope = [name, ...versions].map((part) => identifier(part, true)).join('')
  return {
    operationId: prefix + scope + identifier(rest, true),
    tags: [[name, ...versions].map((part) => identifier(part, false)).join('_')],
  }
}

/** What is letter, digit or underscore in a text, in camel case; a digit does not begin it (upstream: ToValidOperationID). */
function identifier(text: string, isCapital: boolean): string {
  let result = ''
  let capitalize = isCapital
  for (const [index, letter] of [...text].entries()) {
    if (!/[\p{L}_]/u.test(letter) && (index === 0 || !/\p{Nd}/u.test(letter))) capitalize = true
    else {
      result += capitalize ? letter.toUpperCase() : letter
      capitalize = false
    }
  }
  return result
}
