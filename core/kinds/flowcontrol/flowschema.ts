import type { FlowSchema } from '../../api/generated/flowcontrol-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { duplicate, required } from '../../api/field-errors.ts'
import { validateFlowSchemaSpec } from './flow-schema-spec.ts'
import { validateMandatorySchema } from './mandatory-objects.ts'

const defaultPrecedence = 1000

export const flowSchema = defineKind<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  namespaced: false,
  names: { plural: 'flowschemas', singular: 'flowschema' },
  schema: 'io.k8s.api.flowcontrol.v1.FlowSchema',
  columns: [
    nameColumn(),
    {
      name: 'PriorityLevel',
      type: 'string',
      value: ({ spec }) => spec.priorityLevelConfiguration?.name ?? '',
    },
    { name: 'MatchingPrecedence', type: 'string', value: ({ spec }) => spec.matchingPrecedence ?? 0 },
    {
      name: 'DistinguisherMethod',
      type: 'string',
      value: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    },
    ageColumn(),
    {
      name: 'MissingPL',
      type: 'string',
      value: ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ],
  default({ spec }) {
    spec.matchingPrecedence ||= defaultPrecedence
  },
  validate: ({ metadata, spec }) => [
    ...validateFlowSchemaSpec(metadata.name, spec, 'spec'),
    ...validateMandatorySchema(metadata.name, spec, 'spec'),
  ],
  status: {
    keepsMetadata: 'all',
    validateUpdate: ({ status }) => validateConditionTypes(status?.conditions ?? [], 'status.conditions'),
  },
})

/** Conditions with a type each, none twice. */
export function validateConditionTypes(conditions: { type?: string }[], path: string): FieldError[] {
  const types = new Set<string | undefined>()
  return conditions.flatMap(({ type }, at) => {
    const errors = types.has(type) ? [duplicate(`${path}[${at}].type`, type)] : []
    types.add(type)
    return type ? errors : [...errors, required(`${path}[${at}].type`, 'must not be empty')]
  })
}
