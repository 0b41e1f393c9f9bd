import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

describe('LimitRange', () => {
  const make = (limits: string): ReturnType<TestKinds['create']> =>
    kinds.create(`{ kind: LimitRange, metadata: { name: bounds }, spec: { limits: [${limits}] } }`)

  it('derives the defaults of containers from the bounds', async () => {
    const made = await make(
      '{ type: Container, max: { cpu: "2", memory: 1Gi }, min: { cpu: 100m }, default: { cpu: 500m } }',
    )
    expect(made.spec.limits[0]).toMatchObject({
      default: { cpu: '500m', memory: '1Gi' },
      defaultRequest: { cpu: '500m', memory: '1Gi' },
    })
    expect(kinds.row(made)).toBe('bounds 2026-01-01T00:00:00Z')
  })

  it.each([
    [
      '{ type: Box, max: { cpu: 1 } }',
      'spec.limits[0].type: Invalid value: "Box": must be a standard limit type or fully qualified',
    ],
    [
      '{ type: Pod, max: { cpu: 1 }, default: { cpu: 1 } }',
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
    [
      '{ type: Pod, max: { cpu: 1 } }, { type: Pod, max: { cpu: 1 } }',
      'spec.limits[1].type: Duplicate value: "Pod"',
    ],
    [
      '{ type: Pod, max: { cpu: 1 }, min: { cpu: 2 } }',
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ],
    [
      '{ type: PersistentVolumeClaim, max: { cpu: 1 } }',
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
    [
      '{ type: Pod, max: { cpu: 2 }, min: { cpu: 1 }, maxLimitRequestRatio: { cpu: 4 } }',
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000',
    ],
    [
      '{ type: Pod, max: { odd: 1 } }',
      '[spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource type or fully qualified, spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource for containers]',
    ],
    [
      '{ type: Container, min: { cpu: 2 }, default: { cpu: 1 }, defaultRequest: { cpu: 3 }, max: { cpu: 500m } }',
      '[spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 500m, spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 500m, spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 1, spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1, spec.limits[0].default[cpu]: Invalid value: "500m": default value 1 is greater than max value 500m]',
    ],
    [
      '{ type: Container, default: { example.com/gpu: 2 }, defaultRequest: { example.com/gpu: 1 } }',
      'spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu',
    ],
  ])('refuses %s', async (limits, message) => {
    expect(await refusalOf(make(limits))).toBe(message)
  })
})

describe('ResourceQuota', () => {
  const make = (spec: string): ReturnType<TestKinds['create']> =>
    kinds.create(`{ kind: ResourceQuota, metadata: { name: dev }, spec: ${spec} }`)

  it('shows what is used of what is allowed', async () => {
    const made = await make(
      '{ hard: { requests.cpu: "4", limits.memory: 8Gi, pods: "10", count/deployments.apps: "3" } }',
    )
    expect(kinds.row(made)).toBe('dev   5m')
    const used = await kinds.update(
      made,
      (copy) => (copy.status = { hard: copy.spec.hard, used: { pods: '2', 'requests.cpu': '1500m' } }),
      'status',
    )
    expect(kinds.row(used)).toBe(
      'dev count/deployments.apps: 0/3, pods: 2/10, requests.cpu: 1500m/4 limits.memory: 0/8Gi 5m',
    )
  })

  it.each([
    [
      '{ hard: { chairs: "1" } }',
      '[spec.hard[chairs]: Invalid value: "chairs": must be a standard resource type or fully qualified, spec.hard[chairs]: Invalid value: "chairs": must be a standard resource for quota]',
    ],
    ['{ hard: { pods: 1500m } }', 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    ['{ hard: { pods: "-1" } }', 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
    [
      '{ hard: { pods: "1" }, scopes: [BestEffort, NotBestEffort] }',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
    [
      '{ hard: { secrets: "1" }, scopes: [Terminating] }',
      'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource',
    ],
    [
      '{ hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: PriorityClass, operator: In }] } }',
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
    [
      '{ hard: { secrets: "1" }, scopeSelector: { matchExpressions: [{ scopeName: BestEffort, operator: In, values: [x] }] } }',
      '[spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity, spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"In","Values":["x"]}]}: unsupported scope applied to resource]',
    ],
  ])('refuses %s', async (spec, message) => {
    expect(await refusalOf(make(spec))).toBe(message)
  })

  it('keeps its scopes', async () => {
    const made = await make('{ hard: { pods: "1" }, scopes: [Terminating] }')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.scopes = [])))).toBe(
      'spec.scopes: Invalid value: null: field is immutable',
    )
  })
})
