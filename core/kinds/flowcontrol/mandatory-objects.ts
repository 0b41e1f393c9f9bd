import type {
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfigurationSpec,
} from '../../api/generated/flowcontrol-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { jsonEqual } from '../../registry/json-equal.ts'
import { invalidValue } from '../../api/field-errors.ts'

/** The rules of a schema that is about every request. */
export const everyRequest: Omit<PolicyRulesWithSubjects, 'subjects'> = {
  resourceRules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}

/** The levels without which no request can be judged, by name (upstream: apis/flowcontrol/bootstrap). */
export const mandatoryLevels = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
} satisfies Record<string, PriorityLevelConfigurationSpec>

/** The schemas without which some requests would belong nowhere, by name. */
export const mandatorySchemas = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:masters' } }], ...everyRequest }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [
          { kind: 'Group', group: { name: 'system:unauthenticated' } },
          { kind: 'Group', group: { name: 'system:authenticated' } },
        ],
        ...everyRequest,
      },
    ],
  },
} satisfies Record<string, FlowSchemaSpec>

/** A mandatory schema is as it is. */
export function validateMandatorySchema(name: string, spec: FlowSchemaSpec, path: string): FieldError[] {
  if (!Object.hasOwn(mandatorySchemas, name)) return []
  const fixed = mandatorySchemas[name as keyof typeof mandatorySchemas]
  if (jsonEqual(spec, fixed)) return []
  return [invalidValue(path, spec, `spec of '${name}' must equal the fixed value`)]
}

/** A mandatory level is as it is, but for the shares of the exempt one. */
export function validateMandatoryLevel(
  name: string,
  spec: PriorityLevelConfigurationSpec,
  path: string,
): FieldError[] {
  if (!Object.hasOwn(mandatoryLevels, name)) return []
  const isExempt = name === 'exempt'
  const fixed = mandatoryLevels[name as keyof typeof mandatoryLevels]
  const given = isExempt ? { ...spec, exempt: mandatoryLevels.exempt.exempt } : spec
  if (jsonEqual(given, fixed)) return []
  const what = isExempt ? `spec of '${name}' except the 'spec.exempt' field` : `spec of '${name}'`
  return [invalidValue(path, spec, `${what} must equal the fixed value`)]
}
