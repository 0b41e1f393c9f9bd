import { beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import type { Registry, RegistryEvent, ResourceRegistry } from '../registry/registry.ts'
import { causesOf, refusalOf } from './testing/test-kinds.ts'
import type { AnyObject } from './testing/test-kinds.ts'
import { createTestRegistry, testContext } from './testing/test-registry.ts'

const context = testContext()
const ref = { namespace: 'default', name: 'web' }
let registry: Registry
beforeEach(() => {
  registry = createTestRegistry()
})

function resourceOf(apiVersion: string, plural: string): ResourceRegistry {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return registry.resource(group!, version!, plural)!
}

async function read(apiVersion: string, plural: string): Promise<AnyObject> {
  return JSON.parse(
    Buffer.from((await resourceOf(apiVersion, plural).get('default', 'web')).bytes!).toString(),
  )
}

describe('events', () => {
  const oldStyle = {
    metadata: { name: 'web' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    message: 'it runs',
    reason: 'Started',
    type: 'Normal',
    source: { component: 'kubelet', host: 'n1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z',
    count: 3,
  }
  const newStyle = {
    metadata: { name: 'web' },
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    note: 'it runs',
    reason: 'Started',
    type: 'Normal',
    action: 'Starting',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/kubelet',
    reportingInstance: 'n1',
    series: { count: 2, lastObservedTime: '2026-01-01T00:00:05.000000Z' },
  }
  const core = (): ResourceRegistry => resourceOf('v1', 'events')
  const events = (): ResourceRegistry => resourceOf('events.k8s.io/v1', 'events')

  it('are the same objects in both APIs', async () => {
    const { object } = await core().create('default', oldStyle as KubeObject, { context })
    const shown = await read('events.k8s.io/v1', 'events')
    expect(shown).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion },
      regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
      note: 'it runs',
      deprecatedSource: { component: 'kubelet', host: 'n1' },
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:05Z',
      deprecatedCount: 3,
    })
    for (const gone of ['message', 'involvedObject', 'source', 'count', 'firstTimestamp']) {
      expect(shown).not.toHaveProperty(gone)
    }
  })

  it('keep what the newer API says', async () => {
    await events().create('default', newStyle as unknown as KubeObject, { context })
    expect(await read('v1', 'events')).toMatchObject({
      apiVersion: 'v1',
      involvedObject: { name: 'p' },
      message: 'it runs',
      reportingComponent: 'example.com/kubelet',
      reportingInstance: 'n1',
      action: 'Starting',
      source: {},
      series: { count: 2 },
    })
    expect(await read('events.k8s.io/v1', 'events')).toMatchObject(newStyle)
  })

  it('reach the watches and lists of both', async () => {
    const seen: RegistryEvent[] = []
    const listener = { onEvents: (got: RegistryEvent[]) => void seen.push(...got), onEnd: () => undefined }
    const watch = await events().watch({ fieldSelector: 'regarding.name=p' }, listener)
    await core().create('default', oldStyle as KubeObject, { context })
    await core().patch(ref, { type: 'merge', patch: { count: 4 } }, { context })
    await core().delete(ref, {}, { context })
    await expect.poll(() => seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(JSON.parse(Buffer.from(seen[1]!.bytes).toString())).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      deprecatedCount: 4,
    })
    watch.close()
    expect((await events().list({ namespace: 'default' })).entries).toEqual([])
  })

  it('are judged as each API does', async () => {
    const create = (change: object): Promise<string> =>
      refusalOf(events().create('default', { ...newStyle, ...change } as unknown as KubeObject, { context }))
    expect(await create({ type: 'Odd', deprecatedCount: 1 })).toBe(
      '[type: Invalid value: "": has invalid value: Odd, count: Invalid value: "": needs to be unset]',
    )
    expect(await create({ reportingController: '', series: { count: 1 } })).toContain(
      'reportingController: Required value',
    )
    const { object } = await events().create('default', newStyle as unknown as KubeObject, { context })
    const changed = { ...structuredClone(object), note: 'something else' } as KubeObject
    expect(await refusalOf(events().update(ref, changed, { context }))).toBe(
      'message: Invalid value: "something else": field is immutable',
    )
    const odd = { ...structuredClone(object), reason: 'x', deprecatedCount: 3, type: 'Warning' } as KubeObject
    expect(await causesOf(events().update(ref, odd, { context }))).toEqual([
      'FieldValueInvalid reason: Invalid value: "x": field is immutable',
      'FieldValueInvalid count: Invalid value: 3: field is immutable',
      'FieldValueInvalid reason: Invalid value: "x": field is immutable',
      'FieldValueInvalid type: Invalid value: "Warning": field is immutable',
    ])
    expect(
      await refusalOf(core().patch(ref, { type: 'merge', patch: { message: 'fine' } }, { context })),
    ).toBe('accepted')
  })
})

describe('horizontal pod autoscalers', () => {
  const plural = 'horizontalpodautoscalers'
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const v1 = (): ResourceRegistry => resourceOf('autoscaling/v1', plural)
  const v2 = (): ResourceRegistry => resourceOf('autoscaling/v2', plural)

  it('show the CPU target of v1 as a metric of v2', async () => {
    const spec = { scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 60 }
    await v1().create('default', { metadata: { name: 'web' }, spec } as KubeObject, { context })
    const shown = await read('autoscaling/v2', plural)
    expect(shown.spec).toEqual({
      scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
      ],
    })
    expect((await read('autoscaling/v1', plural)).spec).toEqual({ ...spec, minReplicas: 1 })
  })

  it('carry through v1 what v1 has no fields for', async () => {
    const spec = {
      scaleTargetRef,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
        {
          type: 'Pods',
          pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '100' } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
    }
    await v2().create('default', { metadata: { name: 'web' }, spec } as KubeObject, { context })
    const before = await read('autoscaling/v2', plural)
    const shown = await read('autoscaling/v1', plural)
    expect(shown.spec).toEqual({
      scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 50,
    })
    const { annotations } = shown.metadata
    expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics'])).toEqual([
      { type: 'Pods', pods: { metricName: 'qps', targetAverageValue: '100' } },
    ])
    expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/behavior']).ScaleDown).toMatchObject({
      StabilizationWindowSeconds: 60,
      SelectPolicy: 'Max',
    })
    expect(before.metadata.annotations).toBeUndefined()
    // Written back through v1 nothing is lost.
    shown.spec.maxReplicas = 7
    await v1().update(ref, shown, { context })
    const after = await read('autoscaling/v2', plural)
    expect(after.spec.maxReplicas).toBe(7)
    expect(after.spec.behavior).toEqual(before.spec.behavior)
    expect(after.spec.metrics).toHaveLength(2)
    expect(after.metadata.annotations).toBeUndefined()
  })
})
