import type { LiveRow } from '../../core/api/live.ts'

interface Term {
  negated: boolean
  matches(row: LiveRow, text: string): boolean
}

function parseTerm(word: string): Term {
  const negated = word.startsWith('!') && word.length > 1
  const body = negated ? word.slice(1) : word
  const equals = body.indexOf('=')
  if (equals > 0) {
    const key = body.slice(0, equals).replace(/!$/, '')
    const unequal = body[equals - 1] === '!'
    const value = body.slice(equals + 1).replace(/^=/, '')
    const matches = (row: LiveRow): boolean =>
      key === 'ns' || key === 'namespace'
        ? row.namespace === value
        : value === ''
          ? row.labels?.[key] !== undefined
          : row.labels?.[key] === value
    return { negated: negated !== unequal, matches }
  }
  const needle = body.toLowerCase()
  return { negated, matches: (_row, text) => text.includes(needle) }
}

/**
 * The filter box's language. Words separated by spaces or commas must all match: `web` is part of the name, namespace
 * or a shown cell; `app=web` is a label (`app=` any value, `app!=web` not this one), `ns=default` the namespace; a
 * leading `!` turns a word round.
 */
export function rowFilter(filter: string): (row: LiveRow) => boolean {
  const terms = filter
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseTerm)
  if (terms.length === 0) return () => true
  return (row) => {
    const text = `${row.name}\n${row.namespace ?? ''}\n${row.cells.join('\n')}`.toLowerCase()
    return terms.every((term) => term.matches(row, text) !== term.negated)
  }
}
