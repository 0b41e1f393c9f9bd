import { parseApiVersion } from '../../api/gvk.ts'
import type { ObjectMeta, OwnerReference } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import { forbiddenField, invalidValue, required, tooLong } from '../../api/field-errors.ts'
import { validateManagedFields } from './managed-fields.ts'
import { dns1123LabelProblems, labelValueProblems, qualifiedNameProblems } from '../../api/names.ts'

const annotationLimitBytes = 256 * 1024

export interface MetadataRules {
  namespaced: boolean
  /** What is wrong with a name. */
  nameProblems(name: string): string[]
  /** The same of what a name is going to begin with; default: that of a name, but for a dash at its end. */
  prefixProblems?(prefix: string): string[]
  /** Whether finalizers without a domain must be Kubernetes' own, as for most built-in kinds. */
  qualifiesFinalizers?: boolean
}

/** Finalizers that need no domain (upstream: pkg/apis/core/helper IsStandardFinalizerName). */
export const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

/** What is wrong with any other. */
export const unqualifiedFinalizer = 'name is neither a standard finalizer name nor is it fully qualified'

/** Every problem of an object's metadata (upstream: apimachinery/pkg/api/validation/objectmeta.go). */
export function validateMetadata(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const errors: FieldError[] = []
  if (meta.generateName) {
    const { generateName: prefix } = meta
    // A trailing dash is what the generated part makes good.
    const problems = rules.prefixProblems?.(prefix) ?? rules.nameProblems(prefix.replace(/.-$/s, 'a'))
    for (const problem of problems)
      errors.push(invalidValue('metadata.generateName', meta.generateName, problem))
  }
  if (!meta.name) {
    errors.push(required('metadata.name', 'name or generateName is required'))
  } else {
    for (const problem of rules.nameProblems(meta.name))
      errors.push(invalidValue('metadata.name', meta.name, problem))
  }
  errors.push(...validateNamespaceField(meta, rules.namespaced))
  if (meta.generation !== undefined && meta.generation < 0) {
    errors.push(invalidValue('metadata.generation', meta.generation, 'must be greater than or equal to 0'))
  }
  errors.push(...validateLabels(meta.labels), ...validateAnnotations(meta.annotations))
  errors.push(...validateOwnerReferences(meta.ownerReferences), ...validateFinalizers(meta.finalizers))
  errors.push(...validateManagedFields(meta.managedFields))
  if (rules.qualifiesFinalizers) errors.push(...unqualifiedFinalizers(meta))
  return errors
}

/** Finalizers without a domain that are not Kubernetes' own (upstream: validateKubeFinalizerName). */
export function unqualifiedFinalizers({ finalizers = [] }: ObjectMeta): FieldError[] {
  return finalizers.flatMap((name, at) =>
    name.includes('/') || standardFinalizers.includes(name)
      ? []
      : [invalidValue(`metadata.finalizers[${at}]`, name, unqualifiedFinalizer)],
  )
}

function validateNamespaceField(meta: ObjectMeta, namespaced: boolean): FieldError[] {
  const field = 'metadata.namespace'
  if (!namespaced) {
    return meta.namespace ? [forbiddenField(field, 'not allowed on this type')] : []
  }
  if (!meta.namespace) return [required(field)]
  return dns1123LabelProblems(meta.namespace).map((problem) => invalidValue(field, meta.namespace, problem))
}

/** Problems of a set of labels; `field` is their path. */
export function validateLabels(
  labels: Record<string, string> | undefined,
  field = 'metadata.labels',
): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of qualifiedNameProblems(key)) errors.push(invalidValue(field, key, problem))
    for (const problem of labelValueProblems(value)) errors.push(invalidValue(field, value, problem))
  }
  return errors
}

/** Problems of a set of annotations; `field` is their path. */
export function validateAnnotations(
  annotations: Record<string, string> | undefined,
  field = 'metadata.annotations',
): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of qualifiedNameProblems(key.toLowerCase()))
      errors.push(invalidValue(field, key, problem))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > annotationLimitBytes) errors.push(tooLong(field, annotationLimitBytes))
  return errors
}

function validateOwnerReferences(references: OwnerReference[] | undefined): FieldError[] {
  const field = 'metadata.ownerReferences'
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const reference of references ?? []) {
    const { apiVersion, kind, name, uid } = reference
    if (!parseApiVersion(apiVersion ?? '').version) {
      errors.push(invalidValue(`${field}.apiVersion`, apiVersion ?? '', 'version must not be empty'))
    }
    for (const [part, value] of Object.entries({ kind, name, uid })) {
      if (!value) errors.push(invalidValue(`${field}.${part}`, value ?? '', 'must not be empty'))
    }
    if (apiVersion === 'v1' && kind === 'Event') {
      errors.push(invalidValue(field, reference, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (reference.controller !== true) continue
    const current = `${kind}/${name}`
    if (controller === undefined) controller = current
    else {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`
      errors.push(invalidValue(field, references, text))
    }
  }
  return errors
}

function validateFinalizers(finalizers: string[] | undefined): FieldError[] {
  const field = 'metadata.finalizers'
  const list = finalizers ?? []
  const errors = list.flatMap((name) =>
    qualifiedNameProblems(name).map((problem) => invalidValue(field, name, problem)),
  )
  if (list.includes('orphan') && list.includes('foregroundDeletion')) {
    errors.push(invalidValue(field, list, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

/** What an update may not do to metadata (upstream: ValidateObjectMetaAccessorUpdate). */
export function validateMetadataUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    const before = new Set(old.finalizers)
    const added = (meta.finalizers ?? []).filter((name) => !before.has(name)).sort()
    if (added.length > 0) {
      const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`
      const message = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`
      errors.push(forbiddenField('metadata.finalizers', message))
    }
  }
  const immutable = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const
  for (const field of immutable) {
    if (meta[field] === old[field]) continue
    errors.push(invalidValue(`metadata.${field}`, meta[field] ?? null, 'field is immutable'))
  }
  errors.push(...validateLabels(meta.labels), ...validateAnnotations(meta.annotations))
  errors.push(...validateOwnerReferences(meta.ownerReferences), ...validateManagedFields(meta.managedFields))
  return errors
}
