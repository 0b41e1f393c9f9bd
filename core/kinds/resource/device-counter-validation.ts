import type { Counter, CounterSet, Device } from '../../api/generated/resource-v1.ts'
import { invalidFor, required, tooMany } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateQuantity } from '../core/pod/resources-validation.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateSet } from './item-validation.ts'

const maxCounterSets = 8
const maxConsumptions = 2
const maxCounters = 32

/** What partitions of a device share (upstream: validateCounterSet). */
export function validateCounterSets(sets: CounterSet[], path: string): FieldError[] {
  return validateSet(sets, path, {
    max: maxCounterSets,
    key: ({ name }) => name,
    validate: ({ name, counters }, where) => [
      ...validateSetName(name, `${where}.name`),
      ...validateCounters(counters, `${where}.counters`),
    ],
  })
}

/** What a partition takes of that (upstream: validateDeviceCounterConsumption). */
export function validateConsumptions(
  consumptions: NonNullable<Device['consumesCounters']>,
  path: string,
): FieldError[] {
  return validateSet(consumptions, path, {
    max: maxConsumptions,
    key: ({ counterSet }) => counterSet,
    validate: ({ counterSet, counters }, where) => [
      ...validateSetName(counterSet, `${where}.counterSet`),
      ...validateCounters(counters, `${where}.counters`),
    ],
  })
}

function validateSetName(name: string | undefined, path: string): FieldError[] {
  return name ? invalidFor(path, name, checkDns1123Label(name)) : [required(path)]
}

function validateCounters(counters: Record<string, Counter> | undefined, path: string): FieldError[] {
  const entries = Object.entries(counters ?? {})
  if (entries.length === 0) return [required(path)]
  if (entries.length > maxCounters) return [tooMany(path, entries.length, maxCounters)]
  return entries.flatMap(([name, { value }]) => [
    ...invalidFor(`${path}[${name}]`, name, checkDns1123Label(name)),
    ...validateQuantity(value, `${path}[${name}].value`),
  ])
}
