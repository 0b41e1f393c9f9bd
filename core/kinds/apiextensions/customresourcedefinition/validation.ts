import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { isConditionTrue } from '../../../api/conditions.ts'
import type { FieldError } from '../../../api/status.ts'
import { immutable, invalidValue, notSupported, required } from '../../validation/field-errors.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateConversion } from './conversion-validation.ts'
import { schemaOf } from './crd.ts'
import { validateNames } from './names-validation.ts'
import { validateVersion } from './version-validation.ts'

/** Every problem of a definition by itself (upstream: apiextensions/validation ValidateCustomResourceDefinition). */
export function validateDefinition(object: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = object
  const errors: FieldError[] = []
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    errors.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'))
  }
  errors.push(...validateGroup(spec.group), ...validateScope(spec.scope))
  for (const [index, version] of spec.versions.entries()) {
    if (!schemaOf(version)) {
      const field = `spec.versions[${index}].schema.openAPIV3Schema`
      errors.push(required(field, 'schemas are required'))
    }
  }
  errors.push(...validateVersions(object))
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!spec.names[name]) errors.push(required(`spec.names.${name}`))
  }
  errors.push(...validateNames(spec.names, 'spec.names'))
  errors.push(...validateConversion(spec.conversion))
  errors.push(...validateStoredVersions(object))
  if (spec.preserveUnknownFields === true) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalidValue('spec.preserveUnknownFields', true, why))
  }
  return errors
}

function validateGroup(group: string): FieldError[] {
  const field = 'spec.group'
  if (!group) return [required(field)]
  const problems = checkDns1123Subdomain(group)
  if (problems.length > 0) return [invalidValue(field, group, problems.join(','))]
  if (!group.includes('.')) return [invalidValue(field, group, 'should be a domain with at least one dot')]
  return []
}

function validateScope(scope: string): FieldError[] {
  if (!scope) return [required('spec.scope')]
  const scopes = ['Cluster', 'Namespaced']
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)]
}

function validateVersions({ spec }: CustomResourceDefinition): FieldError[] {
  const { versions } = spec
  const field = 'spec.versions'
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) {
    const problems = checkDns1035Label(version.name ?? '')
    if (problems.length > 0)
      errors.push(invalidValue(`${field}[${index}].name`, version.name, problems.join(',')))
    errors.push(...validateVersion(version, `${field}[${index}]`))
  }
  if (new Set(versions.map(({ name }) => name)).size !== versions.length) {
    errors.push(invalidValue(field, versions, 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalidValue(field, versions, 'must have exactly one version marked as storage version'))
  }
  return errors
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const field = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) {
    // Without a storage version none can be noted; that is reported where it is missing.
    if (!spec.versions.some(({ storage }) => storage)) return []
    return [invalidValue(field, stored, 'must have at least one stored version')]
  }
  const names = new Set(spec.versions.map(({ name }) => name))
  return stored.flatMap((version, index) => {
    if (names.has(version)) return []
    const why = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`
    return [invalidValue(`${field}[${index}]`, version, why)]
  })
}

/** What an update may not do. */
export function validateDefinitionUpdate(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const { spec } = object
  const errors: FieldError[] = []
  if (isConditionTrue(old.status?.conditions, 'Established')) {
    if (spec.scope !== old.spec.scope) errors.push(immutable('spec.scope', spec.scope))
    if (spec.names.kind !== old.spec.names.kind) errors.push(immutable('spec.names.kind', spec.names.kind))
  }
  if (spec.group !== old.spec.group) errors.push(immutable('spec.group', spec.group))
  if (spec.names.plural !== old.spec.names.plural)
    errors.push(immutable('spec.names.plural', spec.names.plural))
  return errors
}
