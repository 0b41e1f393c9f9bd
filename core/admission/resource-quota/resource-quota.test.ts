import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolumeClaim, Pod, ResourceQuota } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { chargeQuotas } from './check-quotas.ts'

const namespace = 'n'

function claim(name: string, storage: string): PersistentVolumeClaim {
  return {
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  }
}

describe('a quota that no controller looks after', () => {
  let plane: TestControlPlane
  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  })
  afterEach(() => plane.close())

  /** A quota with this status. */
  async function quota(hard: Record<string, string>, used: Record<string, string>): Promise<void> {
    const made = await plane.client.create(resources.resourceQuotas, {
      metadata: { name: 'q', namespace },
      spec: { hard },
    })
    await plane.client.updateStatus(resources.resourceQuotas, { ...made, status: { hard, used } })
  }
  const used = async (): Promise<ResourceQuota['status']> =>
    (await plane.client.get(resources.resourceQuotas, { namespace, name: 'q' })).status
  const pod = (name: string): Promise<Pod> =>
    plane.client.create(resources.pods, {
      metadata: { name, namespace },
      spec: { containers: [{ name: 'a', image: 'i' }] },
    })

  const quotaKnown = async (): Promise<void> => {
    const body = { status: { used: { 'count/pods': '0' } } }
    const ref = { namespace, name: 'q' }
    await plane.client.patch(resources.resourceQuotas, ref, { type: 'merge', subresource: 'status', body })
  }

  it('lets nothing in before it is known what is used', async () => {
    await quota({ pods: '5', 'count/pods': '5', services: '5' }, { pods: '0', services: '0' })
    await expect(pod('a')).rejects.toMatchObject({
      code: 403,
      message: 'pods "a" is forbidden: status unknown for quota: q, resources: count/pods,pods',
    })
    await quotaKnown()
    await pod('a')
    expect((await used())?.used).toEqual({ pods: '1', 'count/pods': '1', services: '0' })
  })
  it('is charged for what has been set aside for a claim, but does not refuse that', async () => {
    await quota({ 'requests.storage': '2Gi' }, { 'requests.storage': '0' })
    const made = await plane.client.create(resources.persistentVolumeClaims, claim('data', '1Gi'))
    await plane.client.updateStatus(resources.persistentVolumeClaims, {
      ...made,
      status: { ...made.status, allocatedResources: { storage: '5Gi' } },
    })
    expect((await used())?.used).toEqual({ 'requests.storage': '5Gi' })
    await expect(
      plane.client.create(resources.persistentVolumeClaims, claim('more', '1Gi')),
    ).rejects.toMatchObject({
      code: 403,
      message:
        'persistentvolumeclaims "more" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=5Gi, limited: requests.storage=2Gi',
    })
  })

  it('lets nobody give back what was never taken', () => {
    const hard = { 'requests.cpu': '2' }
    const stored: ResourceQuota = {
      metadata: { name: 'q', namespace },
      spec: { hard },
      status: { hard, used: { 'requests.cpu': '1' } },
    }
    const charge = (cpu: string): ResourceQuota[] => {
      const requests = { cpu }
      const object: Pod = {
        metadata: { name: 'a', namespace },
        spec: { containers: [{ name: 'a', image: 'i', resources: { requests } }] },
      }
      const { kind } = resources.pods
      const about = { resource: resources.pods, kind, namespace, name: 'a', subresource: undefined }
      const context = {} as AdmissionAttributes['context']
      return chargeQuotas(
        [stored],
        { operation: 'CREATE', ...about, object, oldObject: undefined, context },
        0,
      )
    }
    expect(charge('1')[0]?.status?.used).toEqual({ 'requests.cpu': '2' })
    expect(() => charge('-1')).toThrow(
      'pods "a" is forbidden: quota usage is negative for resource(s): cpu,requests.cpu',
    )
  })
})
