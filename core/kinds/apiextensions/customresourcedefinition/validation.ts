import type { CustomResourceDefinition } from '../../../api/generated/apiextensions-v1.ts'
import { approvalOf } from '../../../api/api-approval.ts'
import { isConditionTrue } from '../../../api/conditions.ts'
import type { FieldError } from '../../../api/status.ts'
import { immutable, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { internalForm } from '../../validation/internal-form.ts'
import { validateApproval } from './approval.ts'
import { validateBundle, validateConversion } from './conversion-validation.ts'
import { schemaOf } from './crd.ts'
import type { CrdVersion } from './crd.ts'
import { hasDefaults, hasStatusInAny, toHubForm } from './hub-form.ts'
import type { HubForm } from './hub-form.ts'
import { validateNames } from './names-validation.ts'
import { validateCommonParts, validateVersion } from './version-validation.ts'

/** Every problem of a new definition (upstream: apiextensions/validation ValidateCustomResourceDefinition). */
export function validateDefinition(object: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = object
  const errors: FieldError[] = []
  // What a name is to begin with is judged as if it were the name.
  for (const field of ['generateName', 'name'] as const) {
    const name = metadata[field]
    if (!name || name === `${spec.names.plural}.${spec.group}`) continue
    errors.push(invalidValue(`metadata.${field}`, name, 'must be spec.names.plural+"."+spec.group'))
  }
  errors.push(...validateSpec(object, { allowInvalidBundle: true }), ...validateStatus(object))
  errors.push(...validateApproval(object))
  if (spec.preserveUnknownFields) errors.push(preservesUnknownFields())
  return errors
}

/** Every problem of a definition that is changed (upstream: ValidateCustomResourceDefinitionUpdate). */
export function validateDefinitionUpdate(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const { spec } = object
  const isEstablished = isConditionTrue(old.status?.conditions, 'Established')
  const oldBundle = old.spec.conversion?.webhook?.clientConfig?.caBundle
  const allowInvalidBundle = !isEstablished || validateBundle(oldBundle, '').length > 0
  const errors = validateSpec(object, { allowInvalidBundle })
  if (isEstablished) {
    if (spec.scope !== old.spec.scope) errors.push(immutable('spec.scope', spec.scope))
    if (spec.names.kind !== old.spec.names.kind) errors.push(immutable('spec.names.kind', spec.names.kind))
  }
  if (spec.group !== old.spec.group) errors.push(immutable('spec.group', spec.group))
  if (spec.names.plural !== old.spec.names.plural)
    errors.push(immutable('spec.names.plural', spec.names.plural))
  errors.push(...validateStatus(object))
  const [before, now] = [old, object].map(({ metadata }) => approvalOf(metadata.annotations).state)
  if (before !== now) errors.push(...validateApproval(object))
  if (spec.preserveUnknownFields && !old.spec.preserveUnknownFields) errors.push(preservesUnknownFields())
  return errors
}

function validateSpec(
  object: CustomResourceDefinition,
  options: { allowInvalidBundle: boolean },
): FieldError[] {
  const { spec } = object
  const { names, conversion } = spec
  const hub = toHubForm(spec.versions)
  const errors = [...validateGroup(spec.group), ...validateScope(spec.scope)]
  for (const [index, version] of spec.versions.entries()) {
    if (!schemaOf(version)) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`))
  }
  if (spec.preserveUnknownFields && hasDefaults(object)) {
    const why = 'must be false in order to use defaults in the schema'
    errors.push(invalidValue('spec.preserveUnknownFields', true, why))
  }
  errors.push(...validateVersions(object, hub))
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[name]) errors.push(required(`spec.names.${name}`))
  }
  errors.push(...validateNames(names, 'spec.names'))
  errors.push(...validateCommonParts(hub.common, { path: 'spec', hasStatus: hasStatusInAny(object) }))
  if (conversion && conversion.strategy !== 'None' && spec.preserveUnknownFields) {
    const why = 'must be None if spec.preserveUnknownFields is true'
    errors.push(invalidValue('spec.conversion.strategy', conversion.strategy, why))
  }
  return [...errors, ...validateConversion(conversion, options)]
}

function validateStatus(object: CustomResourceDefinition): FieldError[] {
  const { acceptedNames } = object.status ?? {}
  return [
    ...(acceptedNames ? validateNames(acceptedNames, 'status.acceptedNames') : []),
    ...validateStoredVersions(object),
  ]
}

function preservesUnknownFields(): FieldError {
  const why =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return invalidValue('spec.preserveUnknownFields', true, why)
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

function validateVersions({ spec }: CustomResourceDefinition, hub: HubForm): FieldError[] {
  const { versions } = spec
  const field = 'spec.versions'
  const errors: FieldError[] = []
  for (const [index, version] of hub.versions.entries()) {
    const path = `${field}[${index}]`
    errors.push(...validateVersionName(version, `${path}.name`))
    const served = versions.find(({ name }) => name === version.name)
    errors.push(...validateVersion(version, { path, hasStatus: served?.subresources?.status !== undefined }))
  }
  if (new Set(versions.map(({ name }) => name)).size !== versions.length) {
    errors.push(invalidValue(field, goVersions(hub.versions), 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version'
    errors.push(invalidValue(field, goVersions(hub.versions), why))
  }
  // Upstream's internal type has the name of the first version a second time.
  if (versions[0]?.name) errors.push(...validateVersionName(versions[0], 'spec.version'))
  return errors
}

/** Versions as upstream's internal type is printed. */
function goVersions(versions: CrdVersion[]): unknown {
  return internalForm('[]apiextensions.CustomResourceDefinitionVersion', versions)
}

function validateVersionName({ name }: CrdVersion, field: string): FieldError[] {
  const problems = checkDns1035Label(name ?? '')
  return problems.length > 0 ? [invalidValue(field, name ?? '', problems.join(','))] : []
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const field = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [invalidValue(field, undefined, 'must have at least one stored version')]
  const errors: FieldError[] = []
  for (const { name, storage } of spec.versions) {
    if (storage && !stored.includes(name))
      errors.push(invalidValue(field, stored, `must have the storage version ${name}`))
  }
  const names = new Set(spec.versions.map(({ name }) => name))
  for (const [index, version] of stored.entries()) {
    if (names.has(version)) continue
    const why = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`
    errors.push(invalidValue(`${field}[${index}]`, version, why))
  }
  return errors
}
