import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const aggregated = (version: string): { accept: string } => ({
  accept: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
})

interface Entry {
  resource: string
  responseKind: object
  subresources?: { subresource: string; responseKind: object }[]
}
interface Found {
  items: { metadata: { name?: string }; versions: { version: string; resources: Entry[] }[] }[]
}

describe('aggregated discovery', () => {
  let test: TestServer
  beforeAll(async () => void (test = await startTestServer()))
  afterAll(() => test.close())

  it('says of built-in kinds only what their version does not', async () => {
    const { json } = await test.call('GET', '/apis', { headers: aggregated('v2') })
    const apps = (json as unknown as Found).items.find(({ metadata }) => metadata.name === 'apps')
    expect(apps?.metadata).toEqual({ name: 'apps' })
    const deployments = apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments')
    expect(deployments?.responseKind).toEqual({ group: '', version: '', kind: 'Deployment' })
    expect(deployments?.subresources?.map(({ responseKind }) => responseKind)).toEqual([
      { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      { group: '', version: '', kind: 'Deployment' },
    ])
  })

  it('is there in v2 only: who knows no other takes the plain form', async () => {
    const { accept } = aggregated('v2beta1')
    expect((await test.call('GET', '/apis', { headers: { accept } })).code).toBe(406)
    const plain = await test.call('GET', '/apis', { headers: { accept: `${accept},application/json` } })
    expect([plain.code, plain.json['kind']]).toEqual([200, 'APIGroupList'])
  })
})
