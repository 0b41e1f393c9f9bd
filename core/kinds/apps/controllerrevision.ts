import type { ControllerRevision } from '../../api/generated/apps-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { parseApiVersion } from '../../api/gvk.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable, required } from '../../api/field-errors.ts'

export const controllerRevision = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  namespaced: true,
  names: { plural: 'controllerrevisions', singular: 'controllerrevision' },
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  columns: [
    nameColumn(),
    { name: 'Controller', type: 'string', value: controllerText },
    { name: 'Revision', type: 'string', value: (object) => object.revision ?? 0 },
    ageColumn(),
  ],
  validate: (object) => validateNonNegative(object.revision, 'revision'),
  validateCreate: (object) => validateData(object.data),
  // Left out is not the same as empty here.
  validateUpdate: ({ data }, old) =>
    data !== undefined && deepEqual(data, old.data) ? [] : [immutable('data', data ?? null)],
})

/** The data is a JSON object (upstream: ValidateControllerRevisionCreate). */
function validateData(data: unknown): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')]
  const isObject = typeof data === 'object' && !Array.isArray(data)
  return isObject ? [] : [required('data', 'data must be a valid JSON object')]
}

/** `daemonset.apps/name` of the managing owner. */
function controllerText(object: ControllerRevision): string {
  const owner = controllerOf(object)
  if (!owner) return '<none>'
  const { group } = parseApiVersion(owner.apiVersion)
  return `${(group ? `${owner.kind}.${group}` : owner.kind).toLowerCase()}/${owner.name}`
}
