import type { FieldNode, SchemaNode } from './node.ts'
import { zeroScalar } from './scalars.ts'

/** What Go writes of an object of a built-in type in which nothing is set, but for its type and metadata. */
export function zeroContent(node: SchemaNode): Record<string, unknown> {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...content } = zeroMembers(node)
  return content
}

function zeroMembers(node: SchemaNode): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  if (node.kind !== 'struct') return members
  for (const field of node.fields.values()) {
    const value = zeroOf(field)
    if (value !== undefined) members[field.name] = value
  }
  return members
}

function zeroOf({ zero, printsNull, node }: FieldNode): unknown {
  if (printsNull) return null
  if (zero !== 'fill') return undefined
  return node.kind === 'struct'
    ? zeroMembers(node)
    : node.kind === 'scalar'
      ? zeroScalar(node.scalar)
      : undefined
}
