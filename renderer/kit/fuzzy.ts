/** Whether the best of some texts fits the query better than the best of others. */
export function fitsBetter(query: string, texts: readonly string[], others: readonly string[]): boolean {
  const best = (list: readonly string[]): number =>
    Math.max(-Infinity, ...list.map((text) => fuzzyScore(query, text) ?? -Infinity))
  return best(texts) > best(others)
}

/**
 * How well `query` fits `text`: undefined when its letters do not all appear in order, else higher is better. A
 * substring beats scattered letters, the start of a word beats its middle, short texts beat long ones.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const needle = query.toLowerCase()
  const hay = text.toLowerCase()
  if (!needle) return 0
  const at = hay.indexOf(needle)
  if (at >= 0) {
    const isWordStart = at === 0 || /[\s\-./_:]/.test(hay[at - 1]!)
    return (
      100 +
      (at === 0 ? 40 : isWordStart ? 25 : 0) -
      hay.length * 0.1 +
      (hay.length === needle.length ? 50 : 0)
    )
  }
  let position = 0
  let gaps = 0
  for (const letter of needle) {
    if (letter === ' ') continue
    const found = hay.indexOf(letter, position)
    if (found < 0) return undefined
    gaps += found - position
    position = found + 1
  }
  return 50 - gaps - hay.length * 0.1
}
