import { StatusError } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ListNode, SchemaNode } from '../schema/node.ts'
import { formatPath } from './field-set.ts'
import { isMembers, itemElement, memberNode, namedField } from './typed-value.ts'

/**
 * Refuses a configuration that is none under its schema: with fields the schema does not know, or with several items of
 * one key in a list that has keys (structured-merge-diff: validate.go). As upstream, this is not about fieldValidation
 * and is answered with 500 (managedfields/internal/structuredmerge.go).
 */
export function checkConfiguration(config: Partial<KubeObject>, node: SchemaNode): void {
  const problems: string[] = []
  new Checker(problems).walk(config, node)
  if (problems.length > 0) throw wrongConfiguration(config, problems)
}

function wrongConfiguration(
  { apiVersion = '', kind = '', metadata }: Partial<KubeObject>,
  problems: string[],
): StatusError {
  const { namespace = '', name = '' } = metadata ?? { name: '' }
  const text =
    problems.length === 1 ? problems[0]! : ['errors:', ...problems.map((one) => `  ${one}`)].join('\n')
  const what = `${namespace}/${name}; ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
  return new StatusError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: `failed to create typed patch object (${what}): ${text}`,
    code: 500,
  })
}

class Checker {
  readonly #problems: string[]
  readonly #path: string[] = []

  constructor(problems: string[]) {
    this.#problems = problems
  }

  walk(value: unknown, node: SchemaNode): void {
    if (node.kind === 'list' && Array.isArray(value)) this.#items(value, node)
    else if ((node.kind === 'struct' || node.kind === 'map') && isMembers(value)) this.#members(value, node)
  }

  #members(value: Record<string, unknown>, node: SchemaNode): void {
    const isClosed = node.kind === 'struct' && !node.rest && !node.alternative
    for (const [name, member] of Object.entries(value)) {
      this.#path.push(`f:${name}`)
      if (isClosed && !namedField(node, name)) this.#report('field not declared in schema')
      else this.walk(member, memberNode(node, name))
      this.#path.pop()
    }
  }

  #items(items: readonly unknown[], list: ListNode): void {
    const seen = new Set<string>()
    for (const [index, item] of items.entries()) {
      if (list.listType === 'map' && !list.mapKeys.some((name) => hasKey(item, list, name))) {
        const keys = list.mapKeys.map((name) => JSON.stringify(name)).join(' ')
        const why = `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`
        // Deeper problems have no path without the keys.
        return this.#report(`element ${index}: ${why}`)
      }
      const element = list.listType === 'atomic' ? `i:${index}` : itemElement(list, item)
      if (seen.has(element)) this.#report(`duplicate entries for key ${formatPath([element])}`)
      seen.add(element)
      this.#path.push(element)
      this.walk(item, list.items)
      this.#path.pop()
    }
  }

  #report(problem: string): void {
    this.#problems.push(this.#path.length === 0 ? problem : `${formatPath(this.#path)}: ${problem}`)
  }
}

function hasKey(item: unknown, list: ListNode, name: string): boolean {
  if (!isMembers(item)) return false
  return (item[name] ?? undefined) !== undefined || namedField(list.items, name)?.defaultValue !== undefined
}
