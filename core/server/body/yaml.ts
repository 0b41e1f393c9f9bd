import { isScalar, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml'
import { goSyntax } from '../../api/go-text.ts'
import { writtenYamlDialect, yamlDialect } from '../../api/yaml-dialect.ts'
import type { DecodeProblems } from '../../registry/schema/duplicate-keys.ts'
import { goYamlError } from './go-yaml-error.ts'
import { MalformedBody } from './malformed-body.ts'

/** Aliases may be resolved this often in one document: enough for people, too little for a bomb. */
const maxAliasCount = 100

type Options = Exclude<Parameters<typeof parseDocument>[1], undefined>
const dialect = yamlDialect as unknown as Options

/** YAML text of a JSON value, as upstream's: members sorted, lists not indented; strings are never folded, so that they read as stored. */
export function stringifyYaml(value: unknown): string {
  return stringify(value, {
    ...(writtenYamlDialect as object),
    lineWidth: 0,
    aliasDuplicateObjects: false,
    sortMapEntries: true,
    indentSeq: false,
  })
}

/**
 * Parses the first YAML document of a text (as Kubernetes reads it, with merge keys) into plain JSON data; what follows it is not looked
 * at, as upstream. Duplicate keys are reported as one problem that names each in a line, the last one winning as in JSON. Throws
 * MalformedBody for anything that is no JSON data. Takes time in proportion to the text, whatever is wrong with it.
 */
export function parseYaml(text: string): { value: unknown; problems: DecodeProblems } {
  const lineCounter = new LineCounter()
  // Not prettyErrors: each would copy its line, which may be all of the text, and there may be one for every character.
  const options: Options = {
    ...dialect,
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
    lineCounter,
  }
  // There may be an error for every character, and what costs most of one is its stack.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const document = parseDocument(text, options)
    const end = document.errors.find(({ code }) => code === 'MULTIPLE_DOCS')?.pos[0] ?? Infinity
    const error = document.errors.find(({ pos }) => pos[0] < end)
    if (error) throw new Error(goYamlError(text, error))
    const messages = checkKeys(document, lineCounter)
    return { value: document.toJS({ maxAliasCount }) as unknown, problems: { messages } }
  } catch (cause) {
    throw cause instanceof MalformedBody ? cause : new MalformedBody(`yaml: ${reasonOf(cause as Error)}`)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Go's parser counts levels; this one takes what the stack has room for, which is hundreds. */
function reasonOf({ message }: Error): string {
  if (message.includes('call stack')) return 'exceeded max depth'
  const [first = ''] = message.split('\n')
  if (first.startsWith('Merge sources')) return 'map merge requires map or sequence of maps as the value'
  const alias = /^Unresolved alias .*: (.*)$/.exec(first)?.[1]
  return alias === undefined ? first : `unknown anchor '${alias}' referenced`
}

const lineBreak = '\n  '

/** What is said of duplicate keys, as upstream's strict decoder says it. Throws MalformedBody for what JSON does not have. */
function checkKeys(document: Document, lineCounter: LineCounter): string[] {
  const duplicates: string[] = []
  visit(document, {
    Scalar(_key, { value }) {
      if (typeof value !== 'number' || Number.isFinite(value)) return
      const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
      throw new MalformedBody(`json: unsupported value: ${name}`)
    },
    Map(_key, node) {
      const seen = new Set<unknown>()
      for (const { key } of node.items) {
        if (!isScalar(key)) throw new MalformedBody('yaml: invalid map key')
        if (key.value === null) throw new MalformedBody('unsupported map key of type: %!s(<nil>), key: <nil>')
        if (key.value === '<<') continue
        if (seen.has(key.value)) {
          const { line } = lineCounter.linePos(key.range?.[0] ?? 0)
          duplicates.push(`line ${line}: key ${goSyntax(key.value)} already set in map`)
        }
        seen.add(key.value)
      }
    },
  })
  return duplicates.length > 0 ? [['yaml: unmarshal errors:', ...duplicates].join(lineBreak)] : []
}
