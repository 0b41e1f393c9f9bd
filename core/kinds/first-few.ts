/** The first three of a list as a table cell, with the number of the others: `a,b,c + 2 more...`. */
export function firstFew(items: string[], none: string): string {
  if (items.length === 0) return none
  const shown = items.slice(0, 3).join(',')
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown
}
