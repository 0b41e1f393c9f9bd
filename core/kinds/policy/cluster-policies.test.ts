import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

describe('PodDisruptionBudget', () => {
  const make = (spec: string): ReturnType<TestKinds['create']> =>
    kinds.create(
      `{ kind: PodDisruptionBudget, metadata: { name: web }, spec: { selector: { matchLabels: { app: web } }, ${spec} } }`,
    )

  it('says what must stay or may go', async () => {
    expect(kinds.row(await make('minAvailable: 50%'))).toBe('web 50% N/A 0 5m')
    expect(await refusalOf(make('minAvailable: 1, maxUnavailable: 1'))).toContain(
      'minAvailable and maxUnavailable cannot be both set',
    )
    expect(await refusalOf(make('maxUnavailable: 150%'))).toBe(
      'spec.maxUnavailable: Invalid value: "150%": must not be greater than 100%',
    )
    expect(await refusalOf(make('maxUnavailable: -1'))).toBe(
      'spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0',
    )
    expect(await refusalOf(make('unhealthyPodEvictionPolicy: Never'))).toContain(
      'supported values: "AlwaysAllow", "IfHealthyBudget"',
    )
  })
})

describe('PriorityClass', () => {
  const make = (name: string, rest: string): ReturnType<TestKinds['create']> =>
    kinds.create(`{ kind: PriorityClass, metadata: { name: ${name} }, ${rest} }`)

  it('has a value that users may give and that stays', async () => {
    const made = await make('high', 'value: 1000000')
    expect(kinds.row(made)).toBe('high 1000000 false 5m PreemptLowerPriority')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.value = 1)))).toBe(
      'value: Forbidden: may not be changed in an update.',
    )
    const described = await kinds.update(made, (copy) => (copy.description = 'of importance'))
    expect(described.metadata.generation).toBe(1)
    expect(await refusalOf(make('higher', 'value: 2000000000'))).toBe(
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    )
    expect(await refusalOf(make('system-mine', 'value: 1'))).toBe(
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    )
    await make('system-node-critical', 'value: 2000001000')
  })
})

describe('RuntimeClass', () => {
  it('names a handler for good', async () => {
    const made = await kinds.create('{ kind: RuntimeClass, metadata: { name: sandboxed }, handler: gvisor }')
    expect(kinds.row(made)).toBe('sandboxed gvisor 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.handler = 'kata')))).toBe(
      'handler: Invalid value: "kata": field is immutable',
    )
    expect(
      await refusalOf(
        kinds.create(
          '{ kind: RuntimeClass, metadata: { name: b }, handler: G, overhead: { podFixed: { cpu: -1 } } }',
        ),
      ),
    ).toContain('overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0')
  })
})

describe('FlowSchema and PriorityLevelConfiguration', () => {
  it('get defaults and show what they say', async () => {
    const level = await kinds.create(
      '{ kind: PriorityLevelConfiguration, metadata: { name: workload-low }, spec: { type: Limited, limited: { limitResponse: { type: Queue, queuing: {} } } } }',
    )
    expect(level.spec.limited).toEqual({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    })
    expect(kinds.row(level)).toBe('workload-low Limited 30 64 8 50 5m')
    const schema = await kinds.create(`
kind: FlowSchema
metadata: { name: service-accounts }
spec:
  priorityLevelConfiguration: { name: workload-low }
  distinguisherMethod: { type: ByUser }
  rules:
  - subjects: [{ kind: Group, group: { name: system:serviceaccounts } }]
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }]
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }]
`)
    expect(kinds.row(schema)).toBe('service-accounts workload-low 1000 ByUser 5m ?')
  })

  it.each([
    [
      'FlowSchema',
      '{ matchingPrecedence: 20000, priorityLevelConfiguration: { name: a } }',
      'spec.matchingPrecedence: Invalid value: 20000: must not be greater than 10000',
    ],
    [
      'FlowSchema',
      '{ priorityLevelConfiguration: { name: a }, rules: [{ subjects: [{ kind: User, group: { name: g } }], nonResourceRules: [{ verbs: [get], nonResourceURLs: [healthz] }] }] }',
      `[spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User', spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group', spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "healthz": must start with slash]`,
    ],
    [
      'PriorityLevelConfiguration',
      '{ type: Exempt }',
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
    ],
    [
      'PriorityLevelConfiguration',
      '{ type: Limited, limited: { limitResponse: { type: Queue, queuing: { handSize: 100 } } } }',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 100: should not be greater than queues (64)',
    ],
  ])('%s refuses %s', async (kind, spec, message) => {
    expect(await refusalOf(kinds.create(`{ kind: ${kind}, metadata: { name: a }, spec: ${spec} }`))).toBe(
      message,
    )
  })
})

describe('devices', () => {
  const claim = (request: string): string =>
    `{ kind: ResourceClaim, metadata: { name: a }, spec: { devices: { requests: [${request}] } } }`

  it('are claimed, allocated and reserved', async () => {
    const made = await kinds.create(claim('{ name: gpu, exactly: { deviceClassName: gpu.example.com } }'))
    expect(made.spec.devices.requests[0].exactly).toMatchObject({ allocationMode: 'ExactCount', count: 1 })
    expect(kinds.row(made)).toBe('a pending 5m')
    const allocated = await kinds.update(
      made,
      (copy) =>
        (copy.status = {
          allocation: {
            devices: {
              results: [{ request: 'gpu', driver: 'gpu.example.com', pool: 'n1', device: 'gpu-0' }],
            },
          },
          reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }],
        }),
      'status',
    )
    expect(kinds.row(allocated)).toBe('a allocated,reserved 5m')
    expect(await refusalOf(kinds.update(allocated, (copy) => (copy.spec.devices.requests = [])))).toContain(
      'spec: Invalid value',
    )
    expect(await refusalOf(kinds.create(claim('{ name: gpu }')))).toBe(
      'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
    )
  })

  it('are published in slices', async () => {
    const yaml = `
kind: ResourceSlice
metadata: { name: n1 }
spec:
  driver: gpu.example.com
  nodeName: n1
  pool: { name: n1, generation: 1, resourceSliceCount: 1 }
  devices: [{ name: gpu-0, taints: [{ key: broken, effect: NoSchedule }] }]
`
    const made = await kinds.create(yaml)
    expect(made.spec.devices[0].taints[0].timeAdded).toBe('2026-01-01T00:00:00Z')
    expect(kinds.row(made)).toBe('n1 n1 gpu.example.com n1 5m')
    expect(
      await refusalOf(kinds.create(yaml.replace('nodeName: n1', 'allNodes: true\n  nodeName: n1'))),
    ).toContain('but multiple fields are set')
  })
})
