import type { Schema } from '../../schema.ts'

const segment = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y

/**
 * A path such as `.spec.items['a']` in the form that errors show (`spec.items[a]`); undefined when it does not lead to a
 * field of the schema (upstream: apiserver/schema/cel ValidFieldPath).
 */
export function normalizeFieldPath(text: string, schema: Schema): string | undefined {
  let at: Schema | undefined = schema
  let path = ''
  segment.lastIndex = 0
  while (segment.lastIndex < text.length) {
    const match = segment.exec(text)
    if (!match) return undefined
    const name: string = match[1] ?? match[2]!.replace(/\\(.)/g, '$1')
    const { properties, additionalProperties: additional }: Schema = at
    if (properties) {
      at = Object.hasOwn(properties, name) ? properties[name] : undefined
      path += path === '' ? name : `.${name}`
    } else {
      at = typeof additional === 'object' ? additional : undefined
      path += `[${name}]`
    }
    if (!at) return undefined
  }
  return path === '' ? undefined : path
}
