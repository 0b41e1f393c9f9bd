import { goJson } from '../../api/go-text.ts'
import { internalForm } from './internal-form.ts'
import { MatchingBlocks, type Match } from './matching-blocks.ts'

interface Change {
  same: boolean
  from: number
  to: number
  fromB: number
  toB: number
}

const context = 3

/**
 * The unified diff of two values' JSON, three lines of context, as upstream's messages show what an update changes
 * (apimachinery/pkg/util/diff over go-difflib, whose choice of matching lines is Python's difflib's). Ends with a line
 * break; empty for equal values.
 */
export function unifiedDiff(before: unknown, after: unknown): string {
  const [a, b] = [linesOf(before), linesOf(after)]
  return grouped(changesOf(new MatchingBlocks(a, b).all(), a.length, b.length))
    .map((group) => {
      const [first, last] = [group[0]!, group.at(-1)!]
      const head = `@@ -${range(first.from, last.to)} +${range(first.fromB, last.toB)} @@`
      const lines = group.flatMap(({ same, from, to, fromB, toB }) =>
        same
          ? a.slice(from, to).map((line) => ` ${line}`)
          : [
              ...a.slice(from, to).map((line) => `-${line}`),
              ...b.slice(fromB, toB).map((line) => `+${line}`),
            ],
      )
      return [head, ...lines].map((line) => `${line}\n`).join('')
    })
    .join('')
}

/** The same of two values of an internal type, given as v1 has them. */
export function internalDiff(type: string, before: unknown, after: unknown): string {
  return unifiedDiff(internalForm(type, before), internalForm(type, after))
}

function linesOf(value: unknown): string[] {
  return goJson(value, 1).split('\n')
}

function changesOf(blocks: Match[], lengthA: number, lengthB: number): Change[] {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  for (const { a, b, size } of [...blocks, { a: lengthA, b: lengthB, size: 0 }]) {
    if (i < a || j < b) changes.push({ same: false, from: i, to: a, fromB: j, toB: b })
    ;[i, j] = [a + size, b + size]
    if (size > 0) changes.push({ same: true, from: a, to: i, fromB: b, toB: j })
  }
  return changes
}

/** Changes that are near each other, with the lines around them. */
function grouped(changes: Change[]): Change[][] {
  if (!changes.some(({ same }) => !same)) return []
  const all = [...changes]
  const [first, last] = [all[0]!, all.at(-1)!]
  if (first.same) all[0] = tail(first)
  if (last.same) all[all.length - 1] = head(all.at(-1)!)
  const groups: Change[][] = [[]]
  for (const change of all) {
    if (change.same && change.to - change.from > 2 * context) {
      groups.at(-1)!.push(head(change))
      groups.push([tail(change)])
    } else groups.at(-1)!.push(change)
  }
  return groups.filter((group) => group.some(({ same }) => !same))
}

function head(change: Change): Change {
  const to = Math.min(change.to, change.from + context)
  return { ...change, to, toB: Math.min(change.toB, change.fromB + context) }
}

function tail(change: Change): Change {
  const from = Math.max(change.from, change.to - context)
  return { ...change, from, fromB: Math.max(change.fromB, change.toB - context) }
}

function range(start: number, stop: number): string {
  const length = stop - start
  if (length === 1) return `${start + 1}`
  return `${length === 0 ? start : start + 1},${length}`
}
