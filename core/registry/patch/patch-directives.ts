/** Keys of a strategic merge patch that are instructions, not data. */
export const directives = {
  patch: '$patch',
  retainKeys: '$retainKeys',
  deleteFromPrimitiveList: '$deleteFromPrimitiveList',
  setElementOrder: '$setElementOrder',
} as const

function isDirective(key: string): boolean {
  return (
    key === directives.patch ||
    key === directives.retainKeys ||
    key.startsWith(directives.deleteFromPrimitiveList) ||
    key.startsWith(directives.setElementOrder)
  )
}

/**
 * A patch value as it is stored where nothing was before: without directives, without nulls in objects, without list
 * items and members that are only there to delete something.
 */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value as unknown[]) if (!deletes(item)) items.push(withoutDirectives(item))
    return items.filter((item) => item !== undefined)
  }
  if (typeof value !== 'object' || value === null) return value
  const members: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__' || isDirective(key) || member === null || deletes(member)) continue
    members[key] = withoutDirectives(member)
  }
  return members
}

function deletes(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<string, unknown>)[directives.patch] === 'delete'
  )
}
