/**
 * Sets of completion indexes of an Indexed Job in their text form, such as `1,3-5,7` (upstream: batch/v1
 * JobStatus.completedIndexes).
 */

/** The indexes in order. Throws an Error with upstream's words for a text that is malformed or leaves `completions`. */
export function parseIndexes(text: string, completions: number): number[] {
  const indexes: number[] = []
  if (text === '') return indexes
  for (const interval of text.split(',')) {
    const [first, last] = parseInterval(interval, completions)
    const before = indexes.at(-1)
    if (before !== undefined && before >= first) {
      throw new Error(`non-increasing order, previous: ${before}, current: ${first}`)
    }
    for (let index = first; index <= last; index++) indexes.push(index)
  }
  return indexes
}

function parseInterval(interval: string, completions: number): [number, number] {
  const limits = interval.split('-')
  if (limits.length > 2) {
    throw new Error(
      `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    )
  }
  const first = parseIndex(limits[0] ?? '', completions)
  const last = limits[1] === undefined ? first : parseIndex(limits[1], completions)
  if (limits[1] !== undefined && first >= last) {
    throw new Error(`non-increasing order, previous: ${first}, current: ${last}`)
  }
  return [first, last]
}

function parseIndex(text: string, completions: number): number {
  if (!/^\d+$/.test(text)) {
    throw new Error(`cannot convert string to integer for index: ${JSON.stringify(text)}`)
  }
  if (Number(text) >= completions) throw new Error(`too large index: ${JSON.stringify(text)}`)
  return Number(text)
}

/** The text of a set of indexes: three or more in a row become an interval. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at] ?? 0
    let length = 1
    while (sorted[at + length] === first + length) length += 1
    if (length === 1) parts.push(String(first))
    else parts.push(`${first}${length > 2 ? '-' : ','}${first + length - 1}`)
    at += length
  }
  return parts.join(',')
}
