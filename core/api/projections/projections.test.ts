import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../meta.ts'
import { projectRow } from './index.ts'

const core = (resource: string): { group: string; resource: string } => ({ group: '', resource })

describe('projectRow', () => {
  it("gives a pod's status, counts and containers, also before the kubelet has spoken", () => {
    const spec = {
      nodeName: 'n',
      initContainers: [{ name: 'init' }],
      containers: [{ name: 'app' }, { name: 'side' }],
    }
    const status = {
      phase: 'Running',
      podIP: '10.0.0.1',
      initContainerStatuses: [
        {
          name: 'init',
          ready: true,
          restartCount: 0,
          state: { terminated: { exitCode: 0, reason: 'Completed' } },
        },
      ],
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    }
    const pod = { metadata: { name: 'p' }, spec, status } as KubeObject
    expect(projectRow(core('pods'), pod)).toMatchObject({
      status: 'CrashLoopBackOff',
      ready: 0,
      total: 2,
      restarts: 3,
      node: 'n',
      ip: '10.0.0.1',
      containers: [
        { name: 'init', state: 'terminated', reason: 'Completed', init: true },
        { name: 'app', state: 'waiting', reason: 'CrashLoopBackOff', ready: false, restarts: 3 },
        { name: 'side', ready: false, restarts: 0 },
      ],
    })
  })

  it('survives objects that say nothing of themselves', () => {
    const bare = { metadata: { name: 'x' } }
    for (const resource of ['pods', 'services', 'nodes', 'namespaces', 'events']) {
      expect(projectRow(core(resource), bare)).toBeTypeOf('object')
    }
    for (const resource of ['deployments', 'replicasets', 'statefulsets', 'daemonsets']) {
      expect(projectRow({ group: 'apps', resource }, bare)).toHaveProperty('replicas')
    }
  })

  it('gives what an autoscaler, a quota and a budget are about, also before their controllers have spoken', () => {
    const bare = { metadata: { name: 'x' } }
    const project = (group: string, resource: string, more: object = {}): unknown =>
      projectRow({ group, resource }, { ...bare, ...more } as KubeObject)
    const hpa = { spec: { maxReplicas: 5 }, status: { currentReplicas: 2, desiredReplicas: 3 } }
    expect(project('autoscaling', 'horizontalpodautoscalers', hpa)).toEqual({
      min: 1,
      max: 5,
      current: 2,
      desired: 3,
      conditions: [],
    })
    expect(project('', 'resourcequotas', { spec: { hard: { pods: '4' } } })).toEqual({
      hard: { pods: '4' },
      used: {},
    })
    const spec = {
      group: 'g',
      names: { kind: 'K' },
      versions: [{ name: 'v1', served: true }, { name: 'v2' }],
    }
    expect(project('apiextensions.k8s.io', 'customresourcedefinitions', { spec })).toMatchObject({
      kind: 'K',
      versions: ['v1'],
    })
    const egress = { podSelector: {}, policyTypes: ['Egress'], egress: [{}, {}] }
    expect(project('networking.k8s.io', 'networkpolicies', { spec: egress })).toEqual({ egress: 2 })
    const closed = { podSelector: {}, policyTypes: ['Ingress'] }
    expect(project('networking.k8s.io', 'networkpolicies', { spec: closed })).toEqual({ ingress: 0 })
    expect(project('policy', 'poddisruptionbudgets')).toEqual({
      healthy: 0,
      desired: 0,
      expected: 0,
      allowed: 0,
    })
  })

  it('says nothing of other kinds, not even of their namesakes in other groups', () => {
    expect(projectRow(core('secrets'), { metadata: { name: 'x' } })).toBeUndefined()
    expect(
      projectRow({ group: 'example.com', resource: 'pods' }, { metadata: { name: 'x' } }),
    ).toBeUndefined()
  })
})
