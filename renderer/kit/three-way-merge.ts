export interface MergeResult {
  value: unknown
  /** Paths changed on both sides differently; there, mine is kept. */
  conflicts: string[]
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Lists whose entries all have a name are merged by it, as containers and ports are. */
function byName(value: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const names = value.map((entry) => (isPlain(entry) ? entry.name : undefined))
  if (names.some((name) => typeof name !== 'string') || new Set(names).size !== names.length) return undefined
  return new Map(value.map((entry, index) => [names[index] as string, entry as unknown]))
}

interface Sides {
  base: unknown
  mine: unknown
  theirs: unknown
}

function mergeAt(path: string, { base, mine, theirs }: Sides, conflicts: string[]): unknown {
  if (isEqual(base, mine)) return theirs
  if (isEqual(base, theirs) || isEqual(mine, theirs)) return mine
  if (isPlain(mine) && isPlain(theirs)) {
    const old = isPlain(base) ? base : {}
    const merged: Record<string, unknown> = {}
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      const value = mergeAt(
        path ? `${path}.${key}` : key,
        { base: old[key], mine: mine[key], theirs: theirs[key] },
        conflicts,
      )
      if (value !== undefined) merged[key] = value
    }
    return merged
  }
  const [mineByName, theirsByName] = [byName(mine), byName(theirs)]
  if (mineByName && theirsByName) {
    const oldByName = byName(base) ?? new Map<string, unknown>()
    return [...new Set([...theirsByName.keys(), ...mineByName.keys()])].flatMap((name) => {
      const sides = { base: oldByName.get(name), mine: mineByName.get(name), theirs: theirsByName.get(name) }
      const value = mergeAt(`${path}[${name}]`, sides, conflicts)
      return value === undefined ? [] : [value]
    })
  }
  conflicts.push(path)
  return mine
}

/** Puts my changes since `base` onto `theirs`, the newest version. */
export function threeWayMerge(base: unknown, mine: unknown, theirs: unknown): MergeResult {
  const conflicts: string[] = []
  return { value: mergeAt('', { base, mine, theirs }, conflicts), conflicts }
}
