import type { Toleration } from '../../api/generated/core-v1.ts'
import type { RuntimeClass, Scheduling } from '../../api/generated/node-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { warnOfNodeLabel } from '../core/node-labels.ts'
import { validateOverhead as validatePodOverhead } from '../core/pod/resources-validation.ts'
import { validateTolerations } from '../core/pod/toleration-validation.ts'
import { duplicate, immutable, invalidFor, required } from '../../api/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateLabels } from '../validation/label-selector.ts'
import { repeats } from '../validation/repeats.ts'

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
      ...(handler === ''
        ? [required('handler')]
        : invalidFor('handler', handler, checkDns1123Label(handler))),
      ...validateOverhead(overhead?.podFixed, 'overhead'),
      ...(scheduling ? validateScheduling(scheduling, 'scheduling') : []),
    ]
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const why = warnOfNodeLabel(key)
      return why ? [`scheduling.nodeSelector: ${why}`] : []
    }),
  validateUpdate: ({ handler }, old) => (handler === old.handler ? [] : [immutable('handler', handler)]),
})

/** What running a pod costs beside its containers, checked as limits of a container would be. */
function validateOverhead(podFixed: Record<string, string> | undefined, path: string): FieldError[] {
  return podFixed ? validatePodOverhead(podFixed, path) : []
}

function validateScheduling({ nodeSelector, tolerations = [] }: Scheduling, path: string): FieldError[] {
  const where = `${path}.tolerations`
  const keyOf = ({ key = '', operator = '', value = '', effect = '' }: Toleration): string =>
    JSON.stringify([key, operator, value, effect])
  const repeated = [...repeats(tolerations.map(keyOf))].map((at) =>
    duplicate(`${where}[${at}]`, shownToleration(tolerations[at]!)),
  )
  return [
    ...validateLabels(nodeSelector, `${path}.nodeSelector`),
    ...validateTolerations(tolerations, where),
    ...repeated,
  ]
}

/** A toleration as upstream's Go struct. */
function shownToleration({
  key = '',
  operator = '',
  value = '',
  effect = '',
  tolerationSeconds,
}: Toleration): object {
  return {
    Key: key,
    Operator: operator,
    Value: value,
    Effect: effect,
    TolerationSeconds: tolerationSeconds ?? null,
  }
}
