import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { isKnownFormat } from '../../../registry/schema/structural/formats.ts'
import { schemaOf, walkSchema } from './crd.ts'

/** What a definition says that has no effect: formats that nobody checks. */
export function definitionWarnings(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): string[] {
  if (old && JSON.stringify(old.spec.versions) === JSON.stringify(object.spec.versions)) return []
  const formats = new Set<string>()
  for (const version of object.spec.versions) {
    const schema = schemaOf(version)
    if (!schema) continue
    walkSchema(schema, '', (node) => {
      if (node.type === 'string' && node.format && !isKnownFormat(node.format)) formats.add(node.format)
    })
  }
  return [...formats].map((format) => `unrecognized format ${JSON.stringify(format)}`)
}
