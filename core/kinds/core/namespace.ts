import type { Namespace } from '../../api/generated/core-v1.ts'
import { invalid } from '../../api/status.ts'
import type { FieldError } from '../../api/status.ts'
import { standardFinalizers, unqualifiedFinalizer } from '../../registry/validation/metadata.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, invalidValue } from '../../api/field-errors.ts'
import { checkDns1123Label, checkQualifiedName } from '../validation/formats.ts'

const nameLabel = 'kubernetes.io/metadata.name'
const finalizer = 'kubernetes'

export const namespace = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  namespaced: false,
  names: { plural: 'namespaces', singular: 'namespace', short: ['ns'] },
  schema: 'io.k8s.api.core.v1.Namespace',
  withoutVerbs: ['deletecollection'],
  tracksGeneration: false,
  deletesQuietly: true,
  columns: [
    nameColumn(),
    { name: 'Status', type: 'string', value: (object) => object.status?.phase ?? '' },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
    labelWithName(object)
  },
  prepareForCreate(object) {
    labelWithName(object)
    object.status = { phase: 'Active' }
    const finalizers = object.spec.finalizers ?? []
    if (!finalizers.includes(finalizer)) object.spec.finalizers = [...finalizers, finalizer]
  },
  prepareForUpdate(object, old) {
    // Only the finalize subresource changes them.
    if (old.spec.finalizers) object.spec.finalizers = [...old.spec.finalizers]
    else delete object.spec.finalizers
  },
  validateName: checkDns1123Label,
  validate: ({ spec }) =>
    (spec.finalizers ?? []).flatMap((name) => validateFinalizer(name, 'spec.finalizers')),
  status: { validateUpdate: validatePhase },
  subresources: {
    finalize: {
      body: { group: '', version: 'v1', kind: 'Namespace', schema: 'io.k8s.api.core.v1.Namespace' },
      verbs: ['update'],
      apply(parent, body) {
        const finalizers = (body as Namespace).spec?.finalizers ?? []
        const errors = finalizers.flatMap((name, at) => validateFinalizer(name, `spec.finalizers[${at}]`))
        if (errors.length > 0) throw invalid({ group: '', kind: 'Namespace' }, parent.metadata.name, errors)
        return { ...parent, spec: finalizers.length > 0 ? { ...parent.spec, finalizers } : {} }
      },
    },
  },
  hasOwnFinalizers: (object) => (object.spec.finalizers ?? []).length > 0,
  prepareForDelete(object) {
    object.status = { ...object.status, phase: 'Terminating' }
  },
  selectableFields: {
    'status.phase': (object) => object.status?.phase ?? '',
  },
})

/** Selectors can name a namespace by this label. A name that is still to be generated gets it later. */
function labelWithName(object: Namespace): void {
  const { metadata } = object
  if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}

/** A finalizer is one of Kubernetes' own or has a domain (upstream: validation.go validateFinalizerName). */
function validateFinalizer(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, checkQualifiedName(name))
  if (name.includes('/') || standardFinalizers.includes(name)) return errors
  return [...errors, invalidValue(path, name, unqualifiedFinalizer)]
}

/** A namespace is being deleted, or it is not (upstream: ValidateNamespaceStatusUpdate). */
function validatePhase({ metadata, status }: Namespace): FieldError[] {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const phase = status?.phase ?? ''
  if (phase === (isDeleted ? 'Terminating' : 'Active')) return []
  const why = isDeleted
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty"
  return [invalidValue('status.Phase', phase, why)]
}
