import type { SchemaNode } from '../schema/node.ts'
import { isMembers, memberNode, shapeOf } from './typed-value.ts'

/**
 * The lists and objects of a configuration that would replace the live ones as a whole, as `.spec.selector` (upstream:
 * plugin/policy/mutating/patch/smd.go findAtomics).
 */
export function findAtomics(value: unknown, node: SchemaNode, path = ''): string[] {
  const shape = shapeOf(node)
  const isWhole = shape.kind !== 'members' && shape.kind !== 'items' && node.kind !== 'any'
  const own = isWhole && node.kind !== 'scalar' ? [path] : []
  if (isMembers(value) && (node.kind === 'struct' || node.kind === 'map')) {
    const inner = Object.entries(value).map(([name, member]) =>
      findAtomics(member, memberNode(node, name), `${path}.${name}`),
    )
    return [...own, ...inner.flat()]
  }
  if (Array.isArray(value) && node.kind === 'list') {
    const inner = value.map((item, index) => findAtomics(item, node.items, `${path}[${index}]`))
    return [...own, ...inner.flat()]
  }
  return []
}
