import { describe, expect, it } from 'vitest'
import { compileDeviceSelector } from '../../cel/device-selector.ts'
import type {
  AllocationResult,
  CapacityRequestPolicy,
  Device,
  DeviceClass,
  DeviceConstraint,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from '../../api/generated/resource-v1.ts'
import { node } from '../testing/cluster-fixture.ts'
import { allocateDevices } from './allocate-devices.ts'
import { indexSlices } from './device-pools.ts'

const driver = 'gpu.example.com'

function slice(name: string, devices: Device[], spec: Partial<ResourceSlice['spec']> = {}): ResourceSlice {
  const pool = { name: 'n1', generation: 1, resourceSliceCount: 1 }
  const place = spec.nodeSelector || spec.allNodes || spec.perDeviceNodeSelection ? {} : { nodeName: 'n1' }
  return { metadata: { name }, spec: { driver, pool, devices, ...place, ...spec } }
}

function gpu(name: string, more: Partial<Device> & { model?: string; memory?: string } = {}): Device {
  const { model = 'small', memory = '8Gi', ...rest } = more
  return {
    name,
    attributes: {
      model: { string: model },
      version: { version: '1.2.0' },
      slot: { int: Number(name.at(-1)) },
    },
    capacity: { memory: { value: memory } },
    ...rest,
  }
}

type Exact = Partial<NonNullable<DeviceRequest['exactly']>>
const cel = (expression: string): { cel: { expression: string } } => ({ cel: { expression } })
const exactly = (name: string, more: Exact = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...more },
})

function claim(requests: DeviceRequest[], constraints: DeviceConstraint[] = []): ResourceClaim {
  return { metadata: { name: 'c', namespace: 'default' }, spec: { devices: { requests, constraints } } }
}

const gpuClass: DeviceClass = {
  metadata: { name: 'gpu' },
  spec: { selectors: [cel(`device.driver == "${driver}"`)] },
}

/** The devices each claim gets on node n1 as `request=device`, or undefined. */
function allocate(
  claims: ResourceClaim[],
  slices: ResourceSlice[],
  inUse: string[] = [],
): string[][] | undefined {
  return search(claims, slices, { inUse })?.map(({ devices }) =>
    (devices?.results ?? []).map(({ request, device }) => `${request}=${device}`),
  )
}

/** The same with all that results tell. */
function search(
  claims: ResourceClaim[],
  slices: ResourceSlice[],
  {
    inUse = [],
    consumed = new Map(),
  }: { inUse?: string[]; consumed?: Map<string, Map<string, bigint>> } = {},
): AllocationResult[] | undefined {
  return allocateDevices(claims, node('n1', { zone: 'a' }), {
    slices: indexSlices(slices),
    classOf: (name) => (name === 'gpu' ? gpuClass : undefined),
    judge: {
      matches: (expression, { device, slice: { spec } }) =>
        compileDeviceSelector(expression)(spec.driver, device),
    },
    isInUse: (id) => inUse.includes(id),
    consumed: (id) => consumed.get(id),
  })
}

const two = [slice('s', [gpu('gpu-0'), gpu('gpu-1', { model: 'big', memory: '80Gi' })])]

describe('the search for devices', () => {
  it.each<[string, Exact, string[][] | undefined]>([
    ['the first that will do', {}, [['r=gpu-0']]],
    ['as many as are asked for', { count: 2 }, [['r=gpu-0', 'r=gpu-1']]],
    ['none when there are too few', { count: 3 }, undefined],
    ['all', { allocationMode: 'All' }, [['r=gpu-0', 'r=gpu-1']]],
    ['by an attribute', { selectors: [cel(`device.attributes["${driver}"].model == "big"`)] }, [['r=gpu-1']]],
    [
      'by a capacity',
      { selectors: [cel(`device.capacity["${driver}"].memory.compareTo(quantity("10Gi")) > 0`)] },
      [['r=gpu-1']],
    ],
    [
      'by a version',
      { selectors: [cel(`device.attributes["${driver}"].version.isGreaterThan(semver("2.0.0"))`)] },
      undefined,
    ],
    ['by what another driver says', { selectors: [cel('"x" in device.attributes["other"]')] }, undefined],
    [
      'all of what is meant, when nothing is',
      { allocationMode: 'All', selectors: [cel('false')] },
      undefined,
    ],
  ])('finds %s', (_what, more, expected) => {
    expect(allocate([claim([exactly('r', more)])], two)).toEqual(expected)
  })

  it('takes none that somebody has, except for an administrator', () => {
    const inUse = [`${driver}/n1/gpu-0`]
    expect(allocate([claim([exactly('r')])], two, inUse)).toEqual([['r=gpu-1']])
    expect(allocate([claim([exactly('r', { adminAccess: true })])], two, inUse)).toEqual([['r=gpu-0']])
    expect(allocate([claim([exactly('a')]), claim([exactly('b')])], two)).toEqual([['a=gpu-0'], ['b=gpu-1']])
  })

  it('goes back when a later request needs what an earlier one took', () => {
    const picky = exactly('b', { selectors: [cel(`device.attributes["${driver}"].model == "small"`)] })
    expect(allocate([claim([exactly('a'), picky])], two)).toEqual([['a=gpu-1', 'b=gpu-0']])
  })

  it('tries alternatives in their order', () => {
    const option = (name: string, count: number, expression: string): object => ({
      name,
      deviceClassName: 'gpu',
      allocationMode: 'ExactCount',
      count,
      selectors: [cel(expression)],
    })
    const isBig = `device.attributes["${driver}"].model == "big"`
    const request = { name: 'r', firstAvailable: [option('two', 2, isBig), option('one', 1, isBig)] }
    expect(allocate([claim([request as DeviceRequest])], two)).toEqual([['r/one=gpu-1']])
  })

  it('keeps constraints: the same value, or different ones', () => {
    const many = [
      slice('s', [
        gpu('gpu-0'),
        gpu('gpu-1', { model: 'big' }),
        gpu('gpu-2'),
        gpu('gpu-3', { model: 'big' }),
      ]),
    ]
    const requests = [
      exactly('a', { selectors: [cel(`device.attributes["${driver}"].slot > 0`)] }),
      exactly('b'),
    ]
    const same = [{ matchAttribute: `${driver}/model` }]
    expect(allocate([claim(requests, same)], many)).toEqual([['a=gpu-1', 'b=gpu-3']])
    const distinct = [{ distinctAttribute: `${driver}/model`, requests: ['a', 'b'] }]
    expect(allocate([claim(requests, distinct)], many)).toEqual([['a=gpu-1', 'b=gpu-0']])
    expect(allocate([claim(requests, [{ matchAttribute: `${driver}/absent` }])], many)).toBeUndefined()
  })

  it('gives tainted devices only to those who tolerate that', () => {
    const taints = [{ key: 'broken', effect: 'NoSchedule' }]
    const tainted = [slice('s', [gpu('gpu-0', { taints })])]
    expect(allocate([claim([exactly('r')])], tainted)).toBeUndefined()
    const tolerations = [{ key: 'broken', operator: 'Exists' }]
    expect(allocate([claim([exactly('r', { tolerations })])], tainted)).toEqual([['r=gpu-0']])
    const harmless = [slice('s', [gpu('gpu-0', { taints: [{ key: 'note', effect: 'None' }] })])]
    expect(allocate([claim([exactly('r')])], harmless)).toEqual([['r=gpu-0']])
  })

  it('never gives out more of shared counters than there is', () => {
    const pool = { name: 'n1', generation: 1, resourceSliceCount: 2 }
    const part = (name: string, memory: string): Device =>
      gpu(name, { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: memory } } }] })
    const slices = [
      slice('counters', [], {
        pool,
        sharedCounters: [{ name: 'card', counters: { memory: { value: '8Gi' } } }],
      }),
      slice('parts', [part('part-0', '6Gi'), part('part-1', '6Gi'), part('part-2', '2Gi')], { pool }),
    ]
    expect(allocate([claim([exactly('r', { count: 2 })])], slices)).toEqual([['r=part-0', 'r=part-2']])
    expect(allocate([claim([exactly('r')])], slices, [`${driver}/n1/part-1`])).toEqual([['r=part-2']])
  })

  it('goes by the newest generation of a pool, and by whole pools only', () => {
    const old = slice('old', [gpu('gpu-0')])
    const next = slice('new', [gpu('gpu-9')], { pool: { name: 'n1', generation: 2, resourceSliceCount: 1 } })
    expect(allocate([claim([exactly('r')])], [old, next])).toEqual([['r=gpu-9']])
    const half = slice('half', [gpu('gpu-1')], { pool: { name: 'n1', generation: 3, resourceSliceCount: 2 } })
    expect(allocate([claim([exactly('r')])], [next, half])).toBeUndefined()
    expect(() => allocate([claim([exactly('r', { allocationMode: 'All' })])], [half])).toThrow(
      'claim default/c, request r: asks for all devices, but resource pool gpu.example.com/n1 is currently being updated',
    )
    const twice = slice('twice', [gpu('gpu-1'), gpu('gpu-1')])
    expect(() => allocate([claim([exactly('r')])], [twice])).toThrow(
      'invalid resource pools were encountered',
    )
  })

  it('gives up a search without end', () => {
    const same = Array.from({ length: 40 }, (_, at) => gpu(`gpu-${at}`, { model: `m${at % 2}` }))
    const requests = [exactly('a', { count: 12 }), exactly('b', { count: 12 })]
    const constraint = [{ matchAttribute: `${driver}/model`, requests: ['a', 'b'] }]
    expect(() => allocate([claim(requests, constraint)], [slice('s', same)])).toThrow(
      'timed out trying to allocate devices',
    )
  })

  it('says what is wrong with an expression', () => {
    const broken = [cel(`device.attributes["${driver}"].absent == 1`)]
    expect(() => allocate([claim([exactly('r', { selectors: broken })])], two)).toThrow(
      'claim default/c: selector #0: CEL runtime error: no such key: absent',
    )
  })
})

describe('devices that several claims may have', () => {
  const gibi = 2n ** 30n * 1_000_000_000n
  const shared = (requestPolicy?: CapacityRequestPolicy, more: Partial<Device> = {}): ResourceSlice[] => [
    slice('s', [
      {
        name: 'card',
        allowMultipleAllocations: true,
        capacity: { memory: { value: '10Gi', ...(requestPolicy ? { requestPolicy } : {}) } },
        ...more,
      },
    ]),
  ]
  const asking = (name: string, memory?: string, more: Exact = {}): DeviceRequest =>
    exactly(name, { ...(memory ? { capacity: { requests: { memory } } } : {}), ...more })
  const taken = (results: AllocationResult[] | undefined): unknown =>
    results?.map(({ devices }) =>
      devices?.results?.map(({ consumedCapacity }) => consumedCapacity?.['memory']),
    )

  it('are given as long as their capacity lasts, each share with an id of its own', () => {
    const results = search(
      [claim([asking('a', '4Gi'), asking('b', '4Gi')]), claim([asking('c', '2Gi')])],
      shared(),
    )
    expect(taken(results)).toEqual([['4Gi', '4Gi'], ['2Gi']])
    const ids = results!.flatMap(({ devices }) => devices!.results!.map(({ shareID }) => shareID))
    expect(new Set(ids).size).toBe(3)
    expect(search([claim([asking('a', '6Gi'), asking('b', '6Gi')])], shared())).toBeUndefined()
    const consumed = new Map([[`${driver}/n1/card`, new Map([['memory', 7n * gibi]])]])
    expect(taken(search([claim([asking('a', '3Gi')])], shared(), { consumed }))).toEqual([['3Gi']])
    expect(search([claim([asking('a', '4Gi')])], shared(), { consumed })).toBeUndefined()
  })

  it('are given whole to whoever names no amount, but once only to one request', () => {
    expect(taken(search([claim([asking('a')])], shared()))).toEqual([['10Gi']])
    expect(search([claim([asking('a', '1Gi', { count: 2 })])], shared())).toBeUndefined()
    expect(search([claim([asking('a', '1Gi')])], shared(), { inUse: [`${driver}/n1/card`] })).toBeUndefined()
  })

  it.each<[string, CapacityRequestPolicy, string | undefined, string | undefined]>([
    ['the default', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, undefined, '1Gi'],
    ['the next of the values', { default: '1Gi', validValues: ['1Gi', '2Gi', '8Gi'] }, '1025Mi', '2Gi'],
    ['no more than the last of them', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, '3Gi', undefined],
    ['the least', { default: '2Gi', validRange: { min: '2Gi' } }, '1', '2Gi'],
    ['the next step', { default: '1Gi', validRange: { min: '1Gi', step: '512Mi' } }, '1100Mi', '1536Mi'],
    ['what is asked for without steps', { default: '1Gi', validRange: { min: '1Gi' } }, '1100Mi', '1100Mi'],
    ['no more than the most', { default: '1Gi', validRange: { min: '1Gi', max: '2Gi' } }, '3Gi', undefined],
  ])('round up to %s', (_what, policy, asked, given) => {
    const results = search([claim([asking('a', asked)])], shared(policy))
    expect(taken(results)).toEqual(given === undefined ? undefined : [[given]])
  })

  it('are skipped where they lack a capacity; those that are given alone have to have it', () => {
    const requests = { bandwidth: '1' }
    expect(search([claim([exactly('r', { capacity: { requests } })])], shared())).toBeUndefined()
    const of = (memory: string): DeviceRequest[] => [exactly('r', { capacity: { requests: { memory } } })]
    expect(allocate([claim(of('10Gi'))], two)).toEqual([['r=gpu-1']])
    const [alone] = search([claim(of('10Gi'))], two)!
    expect(alone?.devices?.results?.[0]).not.toHaveProperty('consumedCapacity')
    expect(alone?.devices?.results?.[0]).not.toHaveProperty('shareID')
    expect(allocate([claim(of('100Gi'))], two)).toBeUndefined()
  })

  it('can be kept apart, and count once against what devices share', () => {
    const one = { name: 'card', attributes: { id: { string: 'x' } } }
    const distinct = [{ distinctAttribute: `${driver}/id` }]
    expect(
      search([claim([asking('a', '1Gi'), asking('b', '1Gi')], distinct)], shared(undefined, one)),
    ).toBeUndefined()
    const pool = { name: 'n1', generation: 1, resourceSliceCount: 2 }
    const consumesCounters = [{ counterSet: 'set', counters: { slots: { value: '1' } } }]
    const counted = [
      slice('counters', [], { pool, sharedCounters: [{ name: 'set', counters: { slots: { value: '1' } } }] }),
      { ...shared(undefined, { consumesCounters })[0]! },
    ].map((one) => ({ ...one, spec: { ...one.spec, pool } }))
    expect(taken(search([claim([asking('a', '1Gi'), asking('b', '1Gi')])], counted))).toEqual([
      ['1Gi', '1Gi'],
    ])
  })
})
