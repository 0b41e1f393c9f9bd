/** JSON as Go writes maps: members sorted by name, none that is undefined. `depth` is how many levels are sorted; all by default. */
export function sortedJson(value: unknown, depth = Infinity): string {
  return JSON.stringify(sorted(value, depth))
}

function sorted(value: unknown, depth: number): unknown {
  if (depth <= 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth))
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member, depth - 1)]))
}
