import type {
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../../api/generated/flowcontrol-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { validateConditionTypes } from './flowschema.ts'
import { validateMandatoryLevel } from './mandatory-objects.ts'

const maxQueues = 10_000_000
/** How many bits of a flow's hash there are to deal a hand of queues by. */
const maxHashBits = 60
const none = '<none>'

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
  names: { plural: 'prioritylevelconfigurations', singular: 'prioritylevelconfiguration' },
  schema: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  columns: [
    nameColumn(),
    { name: 'Type', type: 'string', value: ({ spec }) => spec.type },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      value: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? none,
    },
    {
      name: 'Queues',
      type: 'string',
      value: ({ spec }) => spec.limited?.limitResponse?.queuing?.queues ?? none,
    },
    {
      name: 'HandSize',
      type: 'string',
      value: ({ spec }) => spec.limited?.limitResponse?.queuing?.handSize ?? none,
    },
    {
      name: 'QueueLengthLimit',
      type: 'string',
      value: ({ spec }) => spec.limited?.limitResponse?.queuing?.queueLengthLimit ?? none,
    },
    ageColumn(),
  ],
  default: ({ spec }) => defaultSpec(spec),
  validate: ({ metadata, spec }) => [
    ...validateSpec(metadata.name, spec, 'spec'),
    ...validateMandatoryLevel(metadata.name, spec, 'spec'),
  ],
  status: {
    keepsMetadata: 'all',
    validateUpdate: ({ status }) => validateConditionTypes(status?.conditions ?? [], 'status.conditions'),
  },
})

function defaultSpec({ exempt, limited }: PriorityLevelConfigurationSpec): void {
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0
    exempt.lendablePercent ??= 0
  }
  if (!limited) return
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  const queuing = limited.limitResponse?.queuing
  if (!queuing) return
  queuing.handSize ||= 8
  queuing.queues ||= 64
  queuing.queueLengthLimit ||= 50
}

function validateSpec(name: string, spec: PriorityLevelConfigurationSpec, path: string): FieldError[] {
  const { type } = spec
  const errors = validateVariant(spec, path)
  if ((name === 'exempt') === (type === 'Exempt')) return errors
  return [invalidValue(`${path}.type`, type, "must be 'Exempt' if and only if `name` is 'exempt'"), ...errors]
}

function validateVariant(
  { type, exempt, limited }: PriorityLevelConfigurationSpec,
  path: string,
): FieldError[] {
  switch (type) {
    case 'Exempt':
      return [
        ...(limited ? [forbiddenField(`${path}.limited`, 'must be nil if the type is not Limited')] : []),
        ...validateShares(exempt, `${path}.exempt`),
      ]
    case 'Limited':
      return [
        ...(exempt ? [forbiddenField(`${path}.exempt`, 'must be nil if the type is Limited')] : []),
        ...(limited
          ? validateLimited(limited, `${path}.limited`)
          : [required(`${path}.limited`, 'must not be empty when type is Limited')]),
      ]
    default:
      return [notSupported(`${path}.type`, type, ['Exempt', 'Limited'])]
  }
}

function validateShares(
  shares: { nominalConcurrencyShares?: number; lendablePercent?: number } | undefined,
  path: string,
): FieldError[] {
  const { nominalConcurrencyShares: nominal, lendablePercent: lendable = 0 } = shares ?? {}
  const errors: FieldError[] = []
  if ((nominal ?? 0) < 0) {
    errors.push(invalidValue(`${path}.nominalConcurrencyShares`, nominal, 'must be a non-negative integer'))
  }
  if (lendable < 0 || lendable > 100) {
    errors.push(invalidValue(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive'))
  }
  return errors
}

function validateLimited(
  limited: NonNullable<PriorityLevelConfigurationSpec['limited']>,
  path: string,
): FieldError[] {
  return [
    ...validateShares(limited, path),
    ...validateNonNegative(limited.borrowingLimitPercent, `${path}.borrowingLimitPercent`),
    ...validateLimitResponse(limited.limitResponse, `${path}.limitResponse`),
  ]
}

function validateLimitResponse(response: LimitResponse | undefined, path: string): FieldError[] {
  const { type = '', queuing } = response ?? {}
  if (type === 'Reject') {
    return queuing
      ? [forbiddenField(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')]
      : []
  }
  if (type !== 'Queue') return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])]
  if (!queuing)
    return [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing
  const errors: FieldError[] = []
  if (queueLengthLimit <= 0) {
    errors.push(invalidValue(`${path}.queuing.queueLengthLimit`, queueLengthLimit, 'must be positive'))
  }
  if (queues <= 0) errors.push(invalidValue(`${path}.queuing.queues`, queues, 'must be positive'))
  else if (queues > maxQueues) {
    errors.push(invalidValue(`${path}.queuing.queues`, queues, `must not be greater than ${maxQueues}`))
  }
  if (handSize <= 0) errors.push(invalidValue(`${path}.queuing.handSize`, handSize, 'must be positive'))
  else if (handSize > queues) {
    const why = `should not be greater than queues (${queues})`
    errors.push(invalidValue(`${path}.queuing.handSize`, handSize, why))
  } else if (Math.ceil(Math.log2(queues) * handSize) > maxHashBits) {
    const why = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`
    errors.push(invalidValue(`${path}.queuing.handSize`, handSize, why))
  }
  return errors
}
