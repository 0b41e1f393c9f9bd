import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../../api/generated/apiextensions-v1.ts'
import { findCondition, setCondition } from '../../../api/conditions.ts'
import { defineKind } from '../../../registry/kind.ts'
import { defaultColumns } from '../../columns.ts'
import { cleanupFinalizer } from './crd.ts'
import { validateNames } from './names-validation.ts'
import { validateDefinition, validateDefinitionUpdate } from './validation.ts'
import { definitionWarnings } from './warnings.ts'

/**
 * CustomResourceDefinition (upstream: apiextensions-apiserver pkg/registry/customresourcedefinition). What it defines
 * is served by custom-kinds.ts; its conditions and the removal of its objects are a controller's work.
 */
export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  names: {
    plural: 'customresourcedefinitions',
    singular: 'customresourcedefinition',
    short: ['crd', 'crds'],
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  toleratedWhenStored: [
    /^spec\.(?:validation|versions\[\d+\]\.schema)\b/,
    /^spec\.conversion\..*conversionReviewVersions$/,
  ],
  columns: defaultColumns(),
  default(object) {
    const { names } = object.spec
    object.spec.versions ??= []
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase()
      names.listKind ||= `${names.kind}List`
    }
    object.spec.conversion ??= { strategy: 'None' }
    const { service } = object.spec.conversion.webhook?.clientConfig ?? {}
    if (service) service.port ??= 443
  },
  prepareForCreate(object) {
    // Go prints lists that nobody has filled as null.
    const conditions = null as unknown as CustomResourceDefinitionCondition[]
    object.status = { acceptedNames: { kind: '', plural: '' }, conditions, storedVersions: [] }
    noteStoredVersion(object)
  },
  requiresResourceVersion: true,
  prepareForUpdate: noteStoredVersion,
  validateCreate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  warnings: definitionWarnings,
  status: {
    prepareForUpdate: noteStoredVersion,
    validateUpdate: ({ status }) =>
      status?.acceptedNames ? validateNames(status.acceptedNames, 'status.acceptedNames') : [],
  },
  // The first deletion is always held: the objects go first.
  hasOwnFinalizers: (object) => object.metadata.deletionTimestamp === undefined,
  deletesQuietly: true,
  prepareForDelete: beginDeletion,
})

/** The storage version of now becomes one of those that objects may be stored in. */
function noteStoredVersion(object: CustomResourceDefinition): void {
  const storage = object.spec.versions?.find((version) => version.storage)
  const stored = object.status?.storedVersions ?? []
  const storedVersions = storage && !stored.includes(storage.name) ? [...stored, storage.name] : stored
  object.status = { ...object.status, storedVersions }
}

function beginDeletion(object: CustomResourceDefinition): void {
  object.status ??= {}
  const { conditions } = object.status
  if (findCondition(conditions, 'Terminating')) return
  const { metadata } = object
  if (!metadata.finalizers?.includes(cleanupFinalizer))
    metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer]
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  object.status.conditions = setCondition(conditions, terminating, metadata.deletionTimestamp ?? '')
}
