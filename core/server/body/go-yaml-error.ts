import type { YAMLParseError } from 'yaml'

/**
 * What is wrong with YAML, in the words of upstream's parser (go-yaml) where it stops at the same place for a reason that can be told from
 * the error; else in those of the error. A line is named as there: the first one is not.
 */
export function goYamlError(text: string, { code, message, pos: [at] }: YAMLParseError): string {
  const index = lineIndex(text, at)
  const scanned = (why: string, line = index): string => (line > 0 ? `line ${line + 1}: ${why}` : why)
  switch (code) {
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return scanned('found character that cannot start any token')
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const colon = at + Math.max(0, text.slice(at, at + lookAhead).search(/:(?=\s|$)/))
      return scanned('mapping values are not allowed in this context', lineIndex(text, colon))
    }
    case 'BAD_DQ_ESCAPE': {
      const needsDigits = /^.[xuU]/.test(text.slice(at, at + 2))
      return scanned(
        needsDigits ? 'did not find expected hexdecimal number' : 'found unknown escape character',
      )
    }
    default:
  }
  if (message.startsWith('Missing closing') && !text.trimEnd().includes('\n'))
    return 'found unexpected end of stream'
  if (message.startsWith('Flow ') && text.slice(at).trim() === '') return unfinishedFlow(text, message)
  if (message.startsWith('All mapping items must start')) return misplacedKey(text, at)
  return `line ${index + 1}: ${message}`
}

/** The next colon is looked for no further than this: texts may be long, and this is about their words only. */
const lookAhead = 10_000

function lineIndex(text: string, at: number): number {
  let count = 0
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) count++
  return count
}

/** A flow that the text ends in: an entry is missing, or what follows one. */
function unfinishedFlow(text: string, message: string): string {
  const shown = text.trimEnd()
  const lines = text.endsWith('\n') ? lineIndex(text, text.length) : lineIndex(text, text.length) + 1
  if (/[[{,:]$/.test(shown)) return `line ${lines}: did not find expected node content`
  const [open, close] = message.startsWith('Flow map') ? ['{', '}'] : ['[', ']']
  const begin = lineIndex(text, shown.lastIndexOf(open!))
  return `line ${begin || lines}: did not find expected ',' or '${close}'`
}

/** A key that stands before those of its mapping, but not where those of the one around it do. */
function misplacedKey(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n')
  const column = lines.pop()!.length
  const indentOf = (line: string): number => line.search(/\S|$/)
  const isOf = (line: string): boolean => line.trim() !== '' && !line.trimStart().startsWith('#')
  let around = lines.findLastIndex((line) => isOf(line) && indentOf(line) < column)
  const indent = around < 0 ? 0 : indentOf(lines[around]!)
  for (let line = around; line >= 0; line--) {
    if (!isOf(lines[line]!)) continue
    if (indentOf(lines[line]!) < indent) break
    if (indentOf(lines[line]!) === indent) around = line
  }
  return `line ${around > 0 ? around : lines.length}: did not find expected key`
}
