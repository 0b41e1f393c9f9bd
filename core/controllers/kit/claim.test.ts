import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { claimObjects } from './claim.ts'

const namespace = 'default'
const labels = { app: 'web' }
const containers = [{ name: 'web', image: 'nginx' }]

describe('orphans of an owner', () => {
  let plane: TestControlPlane

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  })
  afterEach(() => plane.close())

  const createOwner = (finalizers: string[] = []): Promise<ReplicaSet> =>
    plane.client.create(resources.replicaSets, {
      metadata: { name: 'web', namespace, finalizers },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { name: '', labels }, spec: { containers } },
      },
    })
  const removeOwner = (): Promise<void> =>
    plane.client.delete(resources.replicaSets, { namespace, name: 'web' })
  const createPod = (name: string, finalizers: string[] = []): Promise<Pod> =>
    plane.client.create(resources.pods, {
      metadata: { name, namespace, labels, finalizers },
      spec: { containers },
    })
  const getPod = (name: string): Promise<Pod> => plane.client.get(resources.pods, { namespace, name })
  /** The names of what an owner claims, as it was last seen. */
  const claim = async (owner: ReplicaSet, candidates: Pod[]): Promise<string[]> => {
    const claimed = await claimObjects({
      client: plane.client,
      owner,
      ownerResource: resources.replicaSets,
      resource: resources.pods,
      matches: (of) => of?.['app'] === 'web',
      candidates,
    })
    return claimed.map(({ metadata }) => metadata.name)
  }

  it('are adopted, but not while they are being deleted', async () => {
    const owner = await createOwner()
    const candidates = [await createPod('lives'), await createPod('ends', ['test/hold'])]
    await plane.client.delete(resources.pods, { namespace, name: 'ends' }, { gracePeriodSeconds: 0 })
    candidates[1] = await getPod('ends')
    expect(candidates[1].metadata.deletionTimestamp).toBeDefined()
    expect(await claim(owner, candidates)).toEqual(['lives'])
    expect(controllerOf(await getPod('lives'))?.uid).toBe(owner.metadata.uid)
    expect(controllerOf(await getPod('ends'))).toBeUndefined()
  })

  it('are not adopted by one that is being deleted, though it was last seen alive', async () => {
    const owner = await createOwner(['test/hold'])
    const pod = await createPod('free')
    await removeOwner()
    expect(await claim(owner, [pod])).toEqual([])
    expect(controllerOf(await getPod('free'))).toBeUndefined()
  })

  it('are not adopted by one that is gone, or whose name another has now', async () => {
    const owner = await createOwner()
    const pod = await createPod('free')
    await removeOwner()
    expect(await claim(owner, [pod])).toEqual([])
    const next = await createOwner()
    expect(await claim(owner, [pod])).toEqual([])
    expect(controllerOf(await getPod('free'))).toBeUndefined()
    expect(await claim(next, [pod])).toEqual(['free'])
    expect(controllerOf(await getPod('free'))?.uid).toBe(next.metadata.uid)
  })
})
