import { describe, expect, it } from 'vitest'
import type { Deployment, ReplicaSet } from '../../core/api/generated/apps-v1.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { undoRollout } from './rollout.ts'

const revision = 'deployment.kubernetes.io/revision'
const deployment = {
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'd-1',
    annotations: {
      [revision]: '2',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'kubernetes.io/change-cause': 'to 1.27',
      note: 'of revision 2',
    },
  },
  spec: { selector: { matchLabels: { app: 'web' } }, template: {} },
} as unknown as Deployment

function replicaSet(name: string, number: string, annotations: Record<string, string>): ReplicaSet {
  return {
    metadata: {
      name,
      annotations: { [revision]: number, 'deployment.kubernetes.io/desired-replicas': '3', ...annotations },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd-1', controller: true },
      ],
    },
    spec: { template: { metadata: { labels: { app: 'web', 'pod-template-hash': name } }, spec: { name } } },
  } as unknown as ReplicaSet
}

describe('going back to an earlier revision', () => {
  it('takes its pod template and what was noted of it, and keeps what is about the Deployment as it is', async () => {
    const patches: unknown[] = []
    const items = [
      replicaSet('new', '2', { 'kubernetes.io/change-cause': 'to 1.27' }),
      replicaSet('old', '1', { 'kubernetes.io/change-cause': 'first' }),
    ]
    const kube = {
      get: () => Promise.resolve(deployment),
      list: () => Promise.resolve({ items }),
      patch: (_resource: unknown, _ref: unknown, patch: unknown) => Promise.resolve(patches.push(patch)),
    } as unknown as KubeClient
    await undoRollout(kube, { namespace: 'shop', name: 'web' })
    expect(patches).toEqual([
      {
        type: 'json',
        body: [
          {
            op: 'replace',
            path: '/spec/template',
            value: { metadata: { labels: { app: 'web' } }, spec: { name: 'old' } },
          },
          {
            op: 'add',
            path: '/metadata/annotations',
            value: {
              [revision]: '2',
              'kubectl.kubernetes.io/last-applied-configuration': '{}',
              'kubernetes.io/change-cause': 'first',
            },
          },
        ],
      },
    ])
  })
})
