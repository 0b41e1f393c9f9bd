import { goSyntax, goType, goValue, isNumber } from '../../api/go-text.ts'
import { StatusError } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ListNode, ScalarType, SchemaNode } from '../schema/node.ts'
import { formatPath } from './field-set.ts'
import { isDeduced, isMembers, itemElement, keyOf, memberNode, namedField } from './typed-value.ts'

/**
 * Refuses a configuration that is none under its schema: with fields the schema does not know, values of other types, or
 * several items of one key in a list that has keys (structured-merge-diff: validate.go). As upstream, this is not about
 * fieldValidation and is answered with 500 (managedfields/internal/structuredmerge.go).
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
  const { namespace, name } = (metadata ?? {}) as { namespace?: unknown; name?: unknown }
  const text =
    problems.length === 1 ? problems[0]! : ['errors:', ...problems.map((one) => `  ${one}`)].join('\n')
  const what = `${textOf(namespace)}/${textOf(name)}; ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
  return new StatusError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: `failed to create typed patch object (${what}): ${text}`,
    code: 500,
  })
}

/** What is no text counts as none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

class Checker {
  readonly #problems: string[]
  readonly #path: string[] = []

  constructor(problems: string[]) {
    this.#problems = problems
  }

  walk(value: unknown, node: SchemaNode): void {
    if (value === null || value === undefined) return
    switch (node.kind) {
      case 'any':
        return
      case 'scalar':
        return this.#report(scalarProblem(value, node.scalar))
      case 'list':
        return Array.isArray(value) ? this.#items(value, node) : this.#report(wrongType('list', value))
      case 'struct':
      case 'map':
        if (isMembers(value)) this.#members(value, node)
        else if (!isDeduced(node) && !isAlternative(value, node)) this.#report(wrongType('map', value))
    }
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
      const problem = list.listType === 'atomic' ? undefined : elementProblem(item, list)
      // Deeper problems have no path without the element.
      if (problem) return this.#report(`element ${index}: ${problem}`)
      const element = list.listType === 'atomic' ? `i:${index}` : itemElement(list, item)
      if (seen.has(element)) this.#report(`duplicate entries for key ${formatPath([element])}`)
      seen.add(element)
      this.#path.push(element)
      this.walk(item, list.items)
      this.#path.pop()
    }
  }

  #report(problem: string | undefined): void {
    if (problem === undefined) return
    this.#problems.push(this.#path.length === 0 ? problem : `${formatPath(this.#path)}: ${problem}`)
  }
}

function wrongType(wanted: string, value: unknown): string {
  return `expected ${wanted}, got &{${goValue(value)}}`
}

/** What a struct's type allows in its place (JSONSchemaPropsOrBool and its like). */
function isAlternative(value: unknown, node: SchemaNode): boolean {
  if (node.kind !== 'struct' || !node.alternative) return false
  return node.alternative === 'list' ? Array.isArray(value) : typeof value === 'boolean'
}

function scalarProblem(value: unknown, scalar: ScalarType): string | undefined {
  switch (scalar) {
    case 'int32':
    case 'int64':
    case 'number':
      if (isNumber(value)) return undefined
      return `expected numeric (int or float), got ${goType(value)}`
    case 'bool':
      return typeof value === 'boolean' ? undefined : wrongType('boolean', value)
    case 'quantity':
    case 'intOrString':
      return typeof value === 'object' ? wrongType('any scalar', value) : undefined
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
      if (typeof value === 'string') return undefined
      return `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
  }
}

/** Why an item cannot be told from others. */
function elementProblem(item: unknown, list: ListNode): string | undefined {
  if (list.listType === 'set') {
    if (isMembers(item)) return "associative list without keys has an element that's a map type"
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
    return item === null ? "associative list without keys has an element that's an explicit null" : undefined
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isMembers(item)) return 'associative list with keys may not have non-map elements'
  if (list.mapKeys.some((name) => keyOf(item, list, name) !== undefined)) return undefined
  const keys = list.mapKeys.map((name) => JSON.stringify(name)).join(' ')
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`
}
