import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { builtInKinds } from '../../kinds/index.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { createAggregator, type Aggregator } from './aggregator.ts'
import { startExtension } from './testing/extension-server.ts'

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'

const things = '/apis/ext.example.com/v1/namespaces/default/things'

describe('API aggregation', () => {
  let test: TestServer
  let aggregator: Aggregator
  let extension: { server: Server; seen: IncomingMessage[] }

  beforeAll(async () => {
    let frontProxy = { certificate: '', key: '' }
    test = await startTestServer(({ registry }) => {
      aggregator = createAggregator({
        registry,
        frontProxy: () => frontProxy,
        dialer: {
          dialService: async ({ name, port }) => {
            const { port: number } = extension.server.address() as AddressInfo
            if (port !== 443 || name !== 'ext') throw new Error('dial tcp: connection refused')
            const socket = connect(number, '127.0.0.1')
            await once(socket, 'connect')
            return socket
          },
          dialPod: () => Promise.reject(new Error('no pods here')),
        },
        clock: systemClock,
        log: silentLogger,
      })
      return { aggregator }
    })
    frontProxy = await test.pki.frontProxyCa.issue({ commonName: 'front-proxy-client', usages: ['client'] })
    extension = await startExtension(test)
    await aggregator.start()
  })
  afterAll(async () => {
    aggregator[Symbol.dispose]()
    await test.close()
    extension.server.close()
    extension.server.closeAllConnections()
  })

  const spec = {
    group: 'ext.example.com',
    version: 'v1',
    groupPriorityMinimum: 2000,
    versionPriority: 10,
    service: { namespace: 'default', name: 'ext' },
  }
  const condition = async (name: string): Promise<object | undefined> =>
    (await test.call('GET', `${apiServices}/${name}`)).json.status?.conditions?.[0]

  it("registers what is served here, with upstream's priorities", async () => {
    interface List {
      items: { metadata: { name: string }; spec: object; status: object }[]
    }
    const list = async (): Promise<List> => (await test.call('GET', apiServices)).json as List
    await expect.poll(async () => (await list()).items.length).toBeGreaterThan(20)
    const { items } = await list()
    const find = (name: string) => items.find(({ metadata }) => metadata.name === name)
    expect(find('v1.')).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { version: 'v1', groupPriorityMinimum: 18000, versionPriority: 1 },
      status: {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'Local',
            message: 'Local APIServices are always available',
          },
        ],
      },
    })
    expect(find('v2.autoscaling')?.spec).toMatchObject({ groupPriorityMinimum: 17500, versionPriority: 30 })
    expect(find('v1.apps')?.spec).toMatchObject({ groupPriorityMinimum: 17800, versionPriority: 15 })
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = (await test.call('GET', `${apiServices}/v1.apps`, { headers: { accept } })).json
    expect(table.rows[0].cells.slice(0, 3)).toEqual(['v1.apps', 'Local', 'True'])
  })

  it('refuses objects that make no sense', async () => {
    const bad = {
      metadata: { name: 'x' },
      spec: { group: 'g.io', version: 'v1', groupPriorityMinimum: 0, versionPriority: 5, caBundle: 'QUJD' },
    }
    const reply = await test.call('POST', apiServices, { body: bad })
    expect(reply.code).toBe(422)
    expect(
      reply.json.details.causes.map(
        ({ field, message }: { field: string; message: string }) => `${field}: ${message}`,
      ),
    ).toEqual([
      'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.g.io"',
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
    ])
  })

  it('says step by step why an extension API server cannot be used, and that it can', async () => {
    await test.call('POST', apiServices, { body: { metadata: { name: 'v1.ext.example.com' }, spec } })
    const reason = (): Promise<object | undefined> => condition('v1.ext.example.com')
    await expect.poll(reason).toMatchObject({
      status: 'False',
      reason: 'ServiceNotFound',
      message: 'service/ext in "default" is not present',
    })
    const unavailable = await test.call('GET', things)
    expect([unavailable.code, unavailable.raw.toString()]).toEqual([503, 'service unavailable\n'])

    const ports = [{ name: 'https', port: 443 }]
    await test.call('POST', '/api/v1/namespaces/default/services', {
      body: {
        metadata: { name: 'ext' },
        spec: { clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'], ports },
      },
    })
    await expect.poll(reason).toMatchObject({
      reason: 'EndpointsNotFound',
      message: 'cannot find endpointslices for service/ext in "default"',
    })
    await test.call('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      body: {
        metadata: { name: 'ext-1', labels: { 'kubernetes.io/service-name': 'ext' } },
        addressType: 'IPv4',
        ports: [{ name: 'https', port: 8443 }],
        endpoints: [{ addresses: ['10.244.0.9'] }],
      },
    })
    // Its certificate is signed by nobody this machine trusts, until a caBundle says so.
    await expect.poll(reason).toMatchObject({ reason: 'FailedDiscoveryCheck' })
    const caBundle = Buffer.from(test.pki.ca.certificate).toString('base64')
    await test.call('PATCH', `${apiServices}/v1.ext.example.com`, {
      body: { spec: { caBundle } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    await expect.poll(reason).toMatchObject({
      status: 'True',
      reason: 'Passed',
      message: 'all checks passed',
    })
  })

  it('hands requests on with who asks, proven by the front proxy certificate', async () => {
    const reply = await test.call('GET', `${things}?limit=2`, {
      token: 'user-token',
      headers: { 'x-remote-user': 'forged' },
    })
    expect(reply.json).toMatchObject({
      kind: 'ThingList',
      url: `${things}?limit=2`,
      headers: { 'x-remote-user': 'ada', host: 'ext.default.svc:443' },
    })
    expect(reply.json.headers['x-remote-group']).toContain('team')
    expect(reply.json.headers).not.toHaveProperty('authorization')
    const refused = await test.call('DELETE', `${things}/x`, { token: 'user-token' })
    expect([refused.code, refused.json.reason]).toEqual([403, 'Forbidden'])
  })

  it('hands on watches and WebSockets', async () => {
    const frames = (await test.call('GET', `${things}?watch=true`)).raw.toString().trim().split('\n')
    expect(frames.map((frame) => JSON.parse(frame).type)).toEqual(['ADDED', 'DELETED'])
    const { ca, cert, key } = test.connection()
    const url = `wss://127.0.0.1:${test.port}${things}/x/exec`
    const socket = new WebSocket(url, { ca, cert, key } as object)
    const [text] = (await once(socket, 'message')) as [Buffer]
    expect(String(text)).toBe(`admin ${things}/x/exec`)
    socket.close()
    await once(socket, 'close')
  })

  it('merges discovery, plain and aggregated, and OpenAPI', async () => {
    const { groups } = (await test.call('GET', '/apis')).json as { groups: { name: string }[] }
    expect(groups[0]?.name).toBe('apiregistration.k8s.io')
    expect(groups.at(-1)).toMatchObject({
      name: 'ext.example.com',
      preferredVersion: { groupVersion: 'ext.example.com/v1' },
    })
    expect((await test.call('GET', '/apis/ext.example.com')).json).toMatchObject({ kind: 'APIGroup' })
    expect((await test.call('GET', '/apis/ext.example.com/v1')).json.resources).toHaveLength(2)
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { items } = (await test.call('GET', '/apis', { headers: { accept } })).json as { items: object[] }
    expect(items.at(-1)).toMatchObject({
      metadata: { name: 'ext.example.com' },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [{ resource: 'things', scope: 'Namespaced', subresources: [{ subresource: 'log' }] }],
        },
      ],
    })
    const { paths } = JSON.parse((await test.call('GET', '/openapi/v3')).raw.toString())
    const { serverRelativeURL } = paths['apis/ext.example.com/v1']
    expect(serverRelativeURL).toBe('/openapi/v3/apis/ext.example.com/v1?hash=ABC')
    expect((await test.call('GET', serverRelativeURL)).json.info.title).toBe('ext')
    expect(paths['apis/apiregistration.k8s.io/v1']).toBeDefined()
  })

  it('merges OpenAPI v2, with another name for what is named like ours', async () => {
    const { paths, definitions } = (await test.call('GET', '/openapi/v2')).json
    expect(paths['/apis/ext.example.com/v1/things'].get.responses['200'].schema).toEqual({
      $ref: '#/definitions/com.example.Thing',
    })
    const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
    expect(definitions['com.example.Thing'].properties.metadata).toEqual({
      $ref: `#/definitions/${meta}_v2`,
    })
    expect(definitions[`${meta}_v2`].description).toBe('theirs')
    expect(definitions[meta].properties).toHaveProperty('name')
    expect(definitions).not.toHaveProperty(['com.example.Other'])
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const binary = (await test.call('GET', '/openapi/v2', { headers: { accept } })).raw
    expect(binary.includes('/apis/ext.example.com/v1/things')).toBe(true)
  })

  it('registers the group versions of custom resources, and anew what was taken away', async () => {
    const configMap = builtInKinds.find(({ kind }) => kind === 'ConfigMap')!
    test.registry.setCustomKinds([{ ...configMap, group: 'pets.example.com' }])
    const code = async (): Promise<number> =>
      (await test.call('GET', `${apiServices}/v1.pets.example.com`)).code
    await expect.poll(code).toBe(200)
    const { uid } = (await test.call('DELETE', `${apiServices}/v1.pets.example.com`)).json.details
    const isNew = async (): Promise<boolean> => {
      const { json } = await test.call('GET', `${apiServices}/v1.pets.example.com`)
      return json.kind === 'APIService' && json.metadata.uid !== uid
    }
    await expect.poll(isNew).toBe(true)
    test.registry.setCustomKinds([])
    await expect.poll(code).toBe(404)
  })

  it('is gone with its APIService', async () => {
    await test.call('DELETE', `${apiServices}/v1.ext.example.com`)
    await expect.poll(async () => (await test.call('GET', things)).code).toBe(404)
    const { groups } = (await test.call('GET', '/apis')).json as { groups: { name: string }[] }
    expect(groups.map(({ name }) => name)).not.toContain('ext.example.com')
  })
})
