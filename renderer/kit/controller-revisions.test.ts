import { describe, expect, it } from 'vitest'
import type { ControllerRevision, StatefulSet } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { undoToRevision } from './controller-revisions.ts'

const owner = {
  metadata: { name: 'db', namespace: 'shop', uid: 's-1' },
  spec: { selector: { matchLabels: { app: 'db' } } },
} as unknown as StatefulSet
const dataOf = (image: string): Record<string, unknown> => ({
  spec: { template: { $patch: 'replace', image } },
})

function revision(number: number, uid = 's-1'): ControllerRevision {
  const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid, controller: true }
  return {
    metadata: { name: `db-${number}`, ownerReferences: [reference] },
    data: dataOf(`db:${number}`),
    revision: number,
  }
}

async function undo(revisions: ControllerRevision[], wanted?: number): Promise<unknown[]> {
  const sent: unknown[] = []
  const kube = {
    get: () => Promise.resolve(owner),
    list: (_resource: unknown, { query }: { query: unknown }) => {
      expect(query).toEqual({ labelSelector: 'app=db' })
      return Promise.resolve({ items: revisions })
    },
    patch: (_resource: unknown, _ref: unknown, patch: unknown) => Promise.resolve(sent.push(patch)),
  } as unknown as KubeClient
  await undoToRevision(kube, resources.statefulSets, { namespace: 'shop', name: 'db' }, wanted)
  return sent
}

describe('going back to an earlier revision of a StatefulSet or DaemonSet', () => {
  const all = [revision(2), revision(10), revision(9), revision(11, 'another')]

  it('takes the one before what it is at, as the patch that the revision is', async () => {
    expect(await undo(all)).toEqual([{ type: 'strategic', body: dataOf('db:9') }])
  })

  it('takes the one that is asked for', async () => {
    expect(await undo(all, 2)).toEqual([{ type: 'strategic', body: dataOf('db:2') }])
  })

  it('goes nowhere where there is no such revision, nor to one of somebody else', async () => {
    await expect(undo([revision(1)])).rejects.toThrow('no rollout history found for statefulset "db"')
    await expect(undo(all, 11)).rejects.toThrow('no rollout history')
  })
})
