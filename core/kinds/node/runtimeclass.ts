import type { RuntimeClass, Scheduling } from '../../api/generated/node-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateOverhead as validatePodOverhead } from '../core/pod/resources-validation.ts'
import { validateTolerations } from '../core/pod/toleration-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { duplicate, immutable, invalidFor } from '../validation/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateLabels } from '../validation/label-selector.ts'

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  namespaced: false,
  names: { plural: 'runtimeclasses', singular: 'runtimeclass' },
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  requiresResourceVersion: true,
  columns: [nameColumn(), { name: 'Handler', type: 'string', value: ({ handler }) => handler }, ageColumn()],
  validate({ handler = '', overhead, scheduling }) {
    return [
      ...invalidFor('handler', handler, checkDns1123Label(handler)),
      ...validateOverhead(overhead?.podFixed, 'overhead'),
      ...(scheduling ? validateScheduling(scheduling, 'scheduling') : []),
    ]
  },
  validateUpdate: ({ handler }, old) => (handler === old.handler ? [] : [immutable('handler', handler)]),
})

/** What running a pod costs beside its containers, checked as limits of a container would be. */
function validateOverhead(podFixed: Record<string, string> | undefined, path: string): FieldError[] {
  if (!podFixed) return []
  const errors = validatePodOverhead(podFixed, path)
  return errors.map((error) => ({
    ...error,
    field: error.field.replace(`${path}.limits`, `${path}.podFixed`),
  }))
}

function validateScheduling({ nodeSelector, tolerations = [] }: Scheduling, path: string): FieldError[] {
  const where = `${path}.tolerations`
  const repeated = tolerations.flatMap((toleration, at) =>
    tolerations.slice(0, at).some((earlier) => deepEqual(earlier, toleration))
      ? [duplicate(`${where}[${at}]`, toleration)]
      : [],
  )
  return [
    ...validateLabels(nodeSelector, `${path}.nodeSelector`),
    ...validateTolerations(tolerations, where),
    ...repeated,
  ]
}
