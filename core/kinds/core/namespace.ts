import type { Namespace } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { checkDns1123Label } from '../validation/formats.ts'

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
  status: {},
  subresources: {
    finalize: {
      body: { group: '', version: 'v1', kind: 'Namespace', schema: 'io.k8s.api.core.v1.Namespace' },
      verbs: ['update'],
      apply(parent, body) {
        const finalizers = (body as Namespace).spec?.finalizers ?? []
        return { ...parent, spec: finalizers.length > 0 ? { ...parent.spec, finalizers } : {} }
      },
    },
  },
  hasOwnFinalizers: (object) => (object.spec.finalizers ?? []).length > 0,
  prepareForDelete(object) {
    object.status = { ...object.status, phase: 'Terminating' }
  },
  selectableFields: {
    name: (object) => object.metadata.name,
    'status.phase': (object) => object.status?.phase ?? '',
  },
})

/** Selectors can name a namespace by this label. A name that is still to be generated gets it later. */
function labelWithName(object: Namespace): void {
  const { metadata } = object
  if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}
