import { describe, expect, it, vi } from 'vitest'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { failure } from '../../core/api/status.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { ActionRefusal } from './action.ts'
import { drainNode, planDrain } from './drain-node.ts'

interface PodShape {
  owner?: string
  phase?: string
  isMirror?: boolean
  emptyDir?: boolean
}

function pod(name: string, { owner, phase = 'Running', isMirror, emptyDir }: PodShape = {}): Pod {
  return {
    metadata: {
      name,
      namespace: 'shop',
      ...(isMirror && { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      ...(owner && {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name, uid: name, controller: true }],
      }),
    },
    spec: { containers: [], ...(emptyDir && { volumes: [{ name: 'cache', emptyDir: {} }] }) },
    status: { phase },
  } as unknown as Pod
}
const names = (pods: Pod[]): string[] => pods.map(({ metadata }) => metadata.name)

describe('planDrain', () => {
  it('leaves mirror pods and those of DaemonSets, and asks about what would be lost', () => {
    const plan = planDrain([
      pod('web', { owner: 'ReplicaSet' }),
      pod('agent', { owner: 'DaemonSet' }),
      pod('agent-done', { owner: 'DaemonSet', phase: 'Failed' }),
      pod('static', { isMirror: true }),
      pod('lone'),
      pod('lone-done', { phase: 'Succeeded', emptyDir: true }),
      pod('cache', { owner: 'ReplicaSet', emptyDir: true }),
    ])
    expect(names(plan.pods)).toEqual(['web', 'agent-done', 'lone', 'lone-done', 'cache'])
    expect(names(plan.unmanaged)).toEqual(['lone'])
    expect(names(plan.withData)).toEqual(['cache'])
  })
})

describe('drainNode', () => {
  const nobody = { force: false, deleteEmptyDir: false }

  it('refuses pods that need the user’s word before it changes anything', async () => {
    const patch = vi.fn()
    const kube = { patch, list: () => Promise.resolve({ items: [pod('lone')] }) } as unknown as KubeClient
    const progress = { say: vi.fn(), signal: new AbortController().signal }
    const refusal = drainNode(kube, 'node-1', { ...nobody, progress }).catch((error: unknown) => error)
    expect(await refusal).toBeInstanceOf(ActionRefusal)
    expect(await refusal).toMatchObject({ params: { pods: 'shop/lone' } })
    expect(patch).not.toHaveBeenCalled()
  })

  it('tries again what a budget holds, says why, and ends when nothing is left', async () => {
    let pods = [pod('web', { owner: 'ReplicaSet' }), pod('agent', { owner: 'DaemonSet' })]
    const create = vi
      .fn()
      .mockRejectedValueOnce(failure(429, 'TooManyRequests', 'the budget web needs 1'))
      .mockImplementationOnce(() => {
        pods = pods.slice(1)
        return Promise.resolve()
      })
    const patch = vi.fn()
    const kube = { patch, create, list: () => Promise.resolve({ items: pods }) } as unknown as KubeClient
    const say = vi.fn()
    const progress = { say, signal: new AbortController().signal }
    await drainNode(kube, 'node-1', { ...nobody, progress, pause: () => Promise.resolve() })
    expect(patch.mock.calls[0]?.[2]).toMatchObject({ body: { spec: { unschedulable: true } } })
    expect(create).toHaveBeenCalledTimes(2)
    expect(say.mock.calls[0]).toEqual(['action.drainLeft', { n: 1 }, ['shop/web: the budget web needs 1']])
  })

  it('ends when nobody waits any longer', async () => {
    const waiting = new AbortController()
    const items = [pod('web', { owner: 'ReplicaSet' })]
    const kube = {
      patch: vi.fn(),
      create: vi.fn().mockRejectedValue(failure(429, 'TooManyRequests', 'no')),
      list: () => Promise.resolve({ items }),
    } as unknown as KubeClient
    const progress = { say: () => waiting.abort(), signal: waiting.signal }
    await drainNode(kube, 'node-1', { ...nobody, progress, pause: () => Promise.resolve() })
    expect(kube.create).toHaveBeenCalledTimes(1)
  })
})
