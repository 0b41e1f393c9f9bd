import { isScalar, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml'
import { yamlDialect } from '../../api/yaml-dialect.ts'
import { MalformedBody } from './malformed-body.ts'

/** Aliases may be resolved this often in one document: enough for people, too little for a bomb. */
const maxAliasCount = 100

type Options = Exclude<Parameters<typeof parseDocument>[1], undefined>
const dialect = yamlDialect as unknown as Options

/** YAML text of a JSON value; strings are never folded, so that they read as stored. */
export function stringifyYaml(value: unknown): string {
  return stringify(value, { ...(dialect as object), lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * Parses one YAML document (as Kubernetes reads it, with merge keys) into plain JSON data. Duplicate keys are reported as
 * problems, the last one winning as in JSON. Throws MalformedBody for anything that is not one well-formed document. Takes
 * time in proportion to the text, whatever is wrong with it.
 */
export function parseYaml(text: string): { value: unknown; problems: string[] } {
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
    const error = document.errors[0]
    if (error) throw new Error(`line ${lineCounter.linePos(error.pos[0]).line}: ${error.message}`)
    return { value: document.toJS({ maxAliasCount }) as unknown, problems: duplicates(document) }
  } catch (cause) {
    throw new MalformedBody(`error converting YAML to JSON: yaml: ${reasonOf(cause as Error)}`)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Go's parser counts levels; this one takes what the stack has room for, which is hundreds. */
function reasonOf({ message }: Error): string {
  return message.includes('call stack') ? 'exceeded max depth' : message.split('\n')[0]!
}

function duplicates(document: Document): string[] {
  const problems: string[] = []
  visit(document, {
    Map(_key, node) {
      const seen = new Set<unknown>()
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? pair.key.value : undefined
        if (key === undefined || key === '<<') continue
        if (seen.has(key)) problems.push(`duplicate field ${JSON.stringify(String(pair.key))}`)
        seen.add(key)
      }
    },
  })
  return problems
}
