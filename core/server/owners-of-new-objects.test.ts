import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

// What kube-apiserver 1.36.2 answered to the same requests.
describe('owners of what Go adds to a new object', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  async function ownedBy(path: string, body: object): Promise<unknown> {
    const { json } = await test.call('POST', `${path}?dryRun=All`, { body })
    return json.metadata.managedFields?.[0].fieldsV1['f:spec']
  }

  it("an empty struct that is there anyway is nobody's", async () => {
    const path = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'
    const body = (podSelector: object): object => ({ metadata: { name: 'a' }, spec: { podSelector } })
    expect(await ownedBy(path, body({}))).toEqual({ 'f:policyTypes': {} })
    const owned = { 'f:podSelector': {}, 'f:policyTypes': {} }
    expect(await ownedBy(path, body({ matchLabels: { a: 'b' } }))).toEqual(owned)
  })

  it('a list that is written as null in a new item is owned', async () => {
    const spec = { drivers: [{ name: 'a.b', nodeID: 'x' }] }
    expect(await ownedBy('/apis/storage.k8s.io/v1/csinodes', { metadata: { name: 'a' }, spec })).toEqual({
      'f:drivers': { 'k:{"name":"a.b"}': { '.': {}, 'f:name': {}, 'f:nodeID': {}, 'f:topologyKeys': {} } },
    })
  })

  it('so is the CPU that an autoscaler without metrics aims at', async () => {
    const path = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }
    expect(
      await ownedBy(path, { metadata: { name: 'a' }, spec: { maxReplicas: 3, scaleTargetRef } }),
    ).toHaveProperty('f:targetCPUUtilizationPercentage')
  })

  it('labels that a Job has from its template come back, and are whose write has taken them away', async () => {
    const path = '/apis/batch/v1/namespaces/default/jobs'
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
    await test.call('POST', path, {
      body: { metadata: { name: 'a', labels: { a: 'b' } }, spec: { template } },
    })
    const { json } = await test.call('PATCH', `${path}/a?fieldManager=last`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { labels: null } },
    })
    expect(Object.keys(json.metadata.labels)).toContain('batch.kubernetes.io/job-name')
    const { fieldsV1 } = json.metadata.managedFields.find(
      ({ manager }: { manager: string }) => manager === 'last',
    )
    expect(Object.keys(fieldsV1['f:metadata']['f:labels'])).toContain('f:batch.kubernetes.io/job-name')
  })
})
