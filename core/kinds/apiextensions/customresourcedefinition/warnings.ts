import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { isKnownFormat } from '../../../registry/schema/structural/formats.ts'
import { schemaOf, walkSchema } from './crd.ts'

/** What a definition says that has no effect here: formats that nobody checks, and rules that are not evaluated. */
export function definitionWarnings(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): string[] {
  if (old && JSON.stringify(old.spec.versions) === JSON.stringify(object.spec.versions)) return []
  const formats = new Set<string>()
  const warnings: string[] = []
  for (const [index, version] of object.spec.versions.entries()) {
    const schema = schemaOf(version)
    if (!schema) continue
    let rules = 0
    walkSchema(schema, '', (node) => {
      rules += node['x-kubernetes-validations']?.length ?? 0
      if (node.type === 'string' && node.format && !isKnownFormat(node.format)) formats.add(node.format)
    })
    if (rules > 0) {
      const text = `${rules} x-kubernetes-validations ${rules === 1 ? 'rule is' : 'rules are'} stored but not enforced: this server does not evaluate CEL yet`
      warnings.push(`spec.versions[${index}].schema.openAPIV3Schema: ${text}`)
    }
  }
  return [...[...formats].map((format) => `unrecognized format ${JSON.stringify(format)}`), ...warnings]
}
