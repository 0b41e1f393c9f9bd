import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'

const tracking = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
}
const today = (): string => new Date().toISOString().slice(0, 10)

describe('what an API server keeps of its own', () => {
  let served: ServedControlPlane
  beforeAll(async () => void (served = await serveControlPlane()))
  afterAll(() => served[Symbol.asyncDispose]())

  it('is a Lease that names its machine', async () => {
    const labelSelector = 'apiserver.kubernetes.io/identity=kube-apiserver'
    const { items } = await served.client.list(resources.leases, { namespace: 'kube-system', labelSelector })
    expect(items).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({
          name: expect.stringMatching(/^apiserver-[a-z2-7]{26}$/) as string,
          labels: expect.objectContaining({ 'kubernetes.io/hostname': hostname() }) as object,
        }) as object,
        spec: {
          holderIdentity: expect.stringMatching(/^apiserver-[a-z2-7]{26}_[0-9a-f-]{36}$/) as string,
          leaseDurationSeconds: 3600,
          renewTime: expect.any(String) as string,
        },
      }),
    ])
  })

  it('is since when the use of legacy tokens is noted, and put right where it is no date', async () => {
    const found = await served.client.get(resources.configMaps, tracking)
    expect(found.data).toEqual({ since: today() })
    await served.client.update(resources.configMaps, { ...found, data: { since: 'ever' } })
    await expect
      .poll(async () => (await served.client.get(resources.configMaps, tracking)).data)
      .toEqual({ since: today() })
  })

  it('is the state of its own ServiceCIDR and of flow schemas, under the names of upstream’s parts', async () => {
    const cidr = await served.client.get(resources.serviceCidrs, { name: 'kubernetes' })
    expect(cidr.status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', message: 'Kubernetes default Service CIDR is ready' },
    ])
    const managers = async (): Promise<unknown> => {
      const { body } = await served.get('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/exempt')
      const { managedFields } = (body as { metadata: { managedFields: object[] } }).metadata
      return managedFields
    }
    await expect.poll(managers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          manager: 'api-priority-and-fairness-config-consumer-v1',
          operation: 'Apply',
          subresource: 'status',
        }),
      ]),
    )
  })

  it('is no APIService of the aggregator’s own group', async () => {
    const { code } = await served.get(
      '/apis/apiregistration.k8s.io/v1/apiservices/v1.apiregistration.k8s.io',
      '*/*',
    )
    expect(code).toBe(404)
    expect((await served.get('/apis/apiregistration.k8s.io/v1', '*/*')).code).toBe(200)
  })
})
