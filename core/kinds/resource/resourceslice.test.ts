import { beforeEach, describe, expect, it } from 'vitest'
import type { Device, ResourceSliceSpec } from '../../api/generated/resource-v1.ts'
import { StatusError } from '../../api/status.ts'
import { TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

async function problems(spec: Partial<ResourceSliceSpec>): Promise<string[]> {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const slice = { kind: 'ResourceSlice', metadata: { generateName: 's-' } }
  try {
    await kinds.create(JSON.stringify({ ...slice, spec: { driver: 'd.example.com', pool, ...spec } }))
    return []
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return (error.status.details?.causes ?? []).map(({ field = '', message }) => `${field}: ${message}`)
  }
}

/** What is wrong with a slice of one device, whose path is left out. */
async function ofDevice(device: Partial<Device>, spec: Partial<ResourceSliceSpec> = {}): Promise<string[]> {
  const errors = await problems({ nodeName: 'n', devices: [{ name: 'a', ...device }], ...spec })
  return errors.map((error) => error.replace(/^spec\.devices\[0\]\.?/, ''))
}

const times = (count: number): number[] => Array.from({ length: count }, (_value, at) => at)
const named = (count: number, rest: object = {}): Device[] =>
  times(count).map((at) => ({ name: `d-${at}`, ...rest }))
const counters = (count: number): object =>
  Object.fromEntries(times(count).map((at) => [`c-${at}`, { value: '1' }]))
const identifier =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
const onePlace = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const deviceOnePlace =
  ': Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

describe('where devices of a slice are', () => {
  const term = { matchExpressions: [{ key: 'a', operator: 'Exists' }] }

  it.each<[string, Partial<ResourceSliceSpec>, string[]]>([
    ['nothing', {}, [`spec: Required value: ${onePlace}`]],
    [
      'two things',
      { nodeName: 'n', allNodes: true },
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${onePlace}, but multiple fields are set`],
    ],
    [
      'empty values',
      { nodeName: '', allNodes: false, perDeviceNodeSelection: false },
      [
        'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
        'spec.allNodes: Invalid value: false: must be either unset or set to true',
        'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
        `spec: Required value: ${onePlace}`,
      ],
    ],
    ['one term', { nodeSelector: { nodeSelectorTerms: [term] } }, []],
    [
      'no term',
      { nodeSelector: { nodeSelectorTerms: [] } },
      [
        'spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
        'spec.nodeSelector.nodeSelectorTerms: Invalid value: []: must have exactly one node selector term',
      ],
    ],
  ])('is said in one way: %s', async (_what, spec, expected) => {
    expect(await problems(spec)).toEqual(expected)
  })

  it('is said by each device where the slice leaves it to them, and only there', async () => {
    const each = { nodeName: undefined, perDeviceNodeSelection: true }
    expect(await ofDevice({ nodeName: 'n' }, each)).toEqual([])
    expect(await ofDevice({}, each)).toEqual([deviceOnePlace])
    expect(await ofDevice({ nodeName: '' }, each)).toEqual([
      'nodeName: Invalid value: "": must not be empty',
      deviceOnePlace,
    ])
    expect(await ofDevice({ allNodes: true })).toEqual([
      ': Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ])
  })
})

describe('devices of a slice', () => {
  const taint = { key: 'k', effect: 'NoSchedule' }

  it('are 128 at most, and 64 where some have taints or consume counters', async () => {
    expect(await problems({ nodeName: 'n', devices: named(128) })).toEqual([])
    expect(await problems({ nodeName: 'n', devices: named(129) })).toEqual([
      'spec.devices: Too many: 129: must have at most 128 items',
    ])
    expect(await problems({ nodeName: 'n', devices: named(65, { taints: [taint] }) })).toEqual([
      'spec.devices: Too many: 65: must have at most 64 items',
    ])
  })

  it('have names of their own', async () => {
    expect(await problems({ nodeName: 'n', devices: [{ name: 'a' }, { name: 'a' }] })).toEqual([
      'spec.devices[1]: Duplicate value: "a"',
    ])
  })

  it.each<[string, Partial<Device>, string[]]>([
    ['a domain', { attributes: { 'gpu.example.com/Kind_1': { string: 'x' } } }, []],
    ['a version', { attributes: { v: { version: '1.2.3-rc.1+build' } } }, []],
    [
      'no identifier',
      { attributes: { '1-a': { bool: true } }, capacity: { '': { value: '1' } } },
      [
        `attributes[1-a]: Invalid value: "1-a": ${identifier}`,
        `capacity[]: Invalid value: "": ${identifier}`,
      ],
    ],
    [
      'halves that are empty',
      { attributes: { '/a': { bool: true }, 'd/': { bool: true } } },
      [
        'attributes[/a]: Invalid value: "": the domain must not be empty',
        'attributes[d/]: Invalid value: "": the name must not be empty',
      ],
    ],
    [
      'a long name',
      { attributes: { ['a'.repeat(33)]: { bool: true } } },
      [`attributes[${'a'.repeat(33)}]: Too long: may not be more than 32 bytes`],
    ],
    [
      'values that are too long, or no version',
      { attributes: { s: { string: 'x'.repeat(65) }, v: { version: '1.02.3' } } },
      [
        'attributes[s].string: Too long: may not be more than 64 bytes',
        'attributes[v].version: Invalid value: "1.02.3": must be a string compatible with semver.org spec 2.0.0',
      ],
    ],
  ])('have attributes and capacities: %s', async (_what, device, expected) => {
    expect(await ofDevice(device)).toEqual(expected)
  })

  it('have taints with a key and an effect', async () => {
    expect(await ofDevice({ taints: [{ key: 'a/b', value: 'x', effect: 'None' }] })).toEqual([])
    expect(await ofDevice({ taints: [{ key: 'a b', effect: 'Evict' }] })).toEqual([
      expect.stringMatching(/^taints\[0\]\.key: Invalid value: "a b": name part must consist of/),
      'taints[0].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"',
    ])
    expect(await ofDevice({ taints: times(17).map(() => taint) })).toEqual([
      'taints: Too many: 17: must have at most 16 items',
    ])
  })

  it('have conditions of being ready and of having failed, or none', async () => {
    expect(await ofDevice({ bindingConditions: ['a'], bindingFailureConditions: ['b'] })).toEqual([])
    expect(await ofDevice({ bindingConditions: ['a', 'a'], bindingFailureConditions: ['a'] })).toEqual([
      'bindingConditions[1]: Duplicate value: "a"',
      'bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
    ])
    expect(await ofDevice({ bindingConditions: ['a'] })).toEqual([
      'bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
    ])
    expect(await ofDevice({ bindingFailureConditions: ['a'] })).toEqual([
      'bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions',
    ])
  })
})

describe('counters that devices share', () => {
  it('are in a slice without devices', async () => {
    const sharedCounters = [{ name: 'a', counters: { memory: { value: '1Gi' } } }]
    expect(await problems({ nodeName: 'n', sharedCounters })).toEqual([])
    expect(await problems({ nodeName: 'n', sharedCounters, devices: named(1) })).toEqual([
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
    ])
  })

  it('have names and values, and are bounded', async () => {
    const sharedCounters = [
      { name: '', counters: { Memory: { value: '1' } } },
      { name: 'a', counters: {} },
      { name: 'a', counters: counters(33) as Record<string, { value: string }> },
    ]
    expect(await problems({ nodeName: 'n', sharedCounters })).toEqual([
      'spec.sharedCounters[0].name: Required value',
      expect.stringMatching(
        /^spec\.sharedCounters\[0\]\.counters\[Memory\]: Invalid value: "Memory": a lowercase/,
      ),
      'spec.sharedCounters[1].counters: Required value',
      'spec.sharedCounters[2].counters: Too many: 33: must have at most 32 items',
      'spec.sharedCounters[2]: Duplicate value: "a"',
    ])
  })

  it('are consumed of two sets at most', async () => {
    const consumed = (counterSet: string): NonNullable<Device['consumesCounters']>[number] => ({
      counterSet,
      counters: { memory: { value: '1' } },
    })
    expect(await ofDevice({ consumesCounters: [consumed('a'), consumed('b')] })).toEqual([])
    expect(await ofDevice({ consumesCounters: [consumed('a'), consumed('a')] })).toEqual([
      'consumesCounters[1]: Duplicate value: "a"',
    ])
    expect(await ofDevice({ consumesCounters: ['a', 'b', 'c'].map(consumed) })).toEqual([
      'consumesCounters: Too many: 3: must have at most 2 items',
    ])
  })
})
