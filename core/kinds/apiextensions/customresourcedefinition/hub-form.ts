import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { jsonEqual } from '../../../registry/json-equal.ts'
import { schemaOf, walkSchema } from './crd.ts'
import type { CrdVersion } from './crd.ts'

/** What every version may say for itself and upstream's internal type also has once for all. */
const sharedParts = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const
type SharedPart = (typeof sharedParts)[number]

/** What all versions have in common. */
export type CommonParts = Partial<Pick<CrdVersion, SharedPart>>

/**
 * The versions of a definition in the form that upstream validates: what is the same in all of them stands once, above
 * (upstream: Convert_v1_CustomResourceDefinitionSpec_To_apiextensions_CustomResourceDefinitionSpec). The field paths
 * of the problems follow it.
 */
export interface HubForm {
  common: CommonParts
  versions: CrdVersion[]
}

/** Pulls up what is the same in all versions. */
export function toHubForm(versions: readonly CrdVersion[]): HubForm {
  const common: CommonParts = {}
  const rest = versions.map((version) => ({ ...version }))
  const [first] = versions
  if (!first) return { common, versions: rest }
  for (const part of sharedParts) {
    if (!versions.every((version) => isSame(version[part], first[part]))) continue
    Object.assign(common, { [part]: first[part] })
    for (const version of rest) delete version[part]
  }
  return { common, versions: rest }
}

/** No list is as good as an empty one. */
function isSame(a: unknown, b: unknown): boolean {
  const isNone = (value: unknown): boolean =>
    value === undefined || (Array.isArray(value) && value.length === 0)
  return (isNone(a) && isNone(b)) || jsonEqual(a, b)
}

/** Whether the status of any version is a subresource. */
export function hasStatusInAny({ spec }: CustomResourceDefinition): boolean {
  return spec.versions.some(({ subresources }) => subresources?.status !== undefined)
}

/** Whether any schema has a default. */
export function hasDefaults({ spec }: CustomResourceDefinition): boolean {
  let found = false
  for (const version of spec.versions) {
    const schema = schemaOf(version)
    if (schema) walkSchema(schema, '', (node) => (found ||= node.default !== undefined))
  }
  return found
}
