import { beforeEach, describe, expect, it } from 'vitest'
import type { CapacityRequestPolicy } from '../../api/generated/resource-v1.ts'
import { StatusError } from '../../api/status.ts'
import { TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const slice = (device: object): string =>
  `{ kind: ResourceSlice, metadata: { generateName: s- }, spec: { driver: d.example.com, nodeName: n, pool: { name: p, generation: 1, resourceSliceCount: 1 }, devices: [${JSON.stringify(device)}] } }`

async function problems(
  requestPolicy: CapacityRequestPolicy,
  allowMultipleAllocations = true,
): Promise<string[]> {
  const capacity = { memory: { value: '8Gi', requestPolicy } }
  try {
    await kinds.create(slice({ name: 'a', allowMultipleAllocations, capacity }))
    return []
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const path = 'spec.devices[0].capacity[memory].requestPolicy'
    return (error.status.details?.causes ?? []).map(({ field = '', message }) =>
      `${field.replace(path, '')}: ${message}`.replace(/^: /, ''),
    )
  }
}

describe('how a capacity of a device can be asked for', () => {
  it.each<[string, CapacityRequestPolicy, string[]]>([
    ['values', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, []],
    ['a range', { default: '1Gi', validRange: { min: '1Gi', max: '8Gi', step: '1Gi' } }, []],
    ['a default alone', { default: '1Gi' }, []],
    [
      'values without a default',
      { validValues: ['1Gi'] },
      ['.default: Required value: required when validValues is defined'],
    ],
    [
      'both',
      { default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } },
      [
        'Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ],
    ],
    [
      'values in disorder, too large, twice, and none of them the default',
      { default: '3Gi', validValues: ['2Gi', '1Gi', '9Gi', '1024Mi'] },
      [
        '.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order',
        '.validValues[3]: Invalid value: "1Gi": values must be sorted in ascending order',
        '.validValues[2]: Invalid value: "9Gi": option is larger than capacity value: 8Gi',
        '.validValues[3]: Duplicate value: "1073741824"',
        '.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy',
      ],
    ],
    [
      'a range that is none',
      { default: '10Gi', validRange: { min: '12Gi', max: '9Gi', step: '5Gi' } },
      [
        '.validRange.min: Invalid value: "12Gi": min is larger than capacity value: 8Gi',
        '.validRange.min: Invalid value: "10Gi": default is less than min: 12Gi',
        '.validRange.max: Invalid value: "12Gi": min is larger than max: 9Gi',
        '.validRange.max: Invalid value: "9Gi": max is larger than capacity value: 8Gi',
        '.validRange.max: Invalid value: "10Gi": default is more than max: 9Gi',
        '.validRange.step: Invalid value: "5Gi": one step 17Gi is larger than capacity value: 8Gi',
        '.validRange.step: Invalid value: "10Gi": value is not a multiple of a given step (5Gi) from (12Gi)',
        '.validRange.step: Invalid value: "9Gi": value is not a multiple of a given step (5Gi) from (12Gi)',
      ],
    ],
  ])('is checked: %s', async (_what, policy, expected) => {
    expect(await problems(policy)).toEqual(expected)
  })

  it('is for devices that several claims may have', async () => {
    expect(await problems({ default: '1Gi' }, false)).toEqual([
      'Forbidden: allowMultipleAllocations must be true',
    ])
  })
})
