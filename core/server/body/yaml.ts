import { parseDocument, stringify, visit, isScalar } from 'yaml'
import { MalformedBody } from './malformed-body.ts'

/** Aliases may be resolved this often in one document: enough for people, too little for a bomb. */
const maxAliasCount = 100

/** YAML text of a JSON value; strings are never folded, so that they read as stored. */
export function stringifyYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * Parses one YAML document (YAML 1.2 core, with merge keys) into plain JSON data. Duplicate keys are reported as
 * problems, the last one winning as in JSON. Throws MalformedBody for anything that is not one well-formed document.
 */
export function parseYaml(text: string): { value: unknown; problems: string[] } {
  const document = parseDocument(text, {
    uniqueKeys: false,
    merge: true,
    logLevel: 'error',
  })
  const error = document.errors[0]
  if (error) throw new MalformedBody(`error converting YAML to JSON: yaml: ${error.message.split('\n')[0]}`)
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
  try {
    return { value: document.toJS({ maxAliasCount }) as unknown, problems }
  } catch (cause) {
    throw new MalformedBody(`error converting YAML to JSON: yaml: ${(cause as Error).message}`)
  }
}
