import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { createFakeNodeBackend } from '../server/streaming/fake-node-backend.ts'
import type { PodRef } from '../server/streaming/backend.ts'
import { createServiceDialer } from './service-dialer.ts'
import { createTestControlPlane, type TestControlPlane } from './testing/test-control-plane.ts'

const ownIp = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe('service dialer', () => {
  let plane: TestControlPlane
  let port: number
  const asked: Array<{ pod: PodRef; port: number }> = []
  const server = createServer((socket) => socket.end('hello'))
  const fake = createFakeNodeBackend()
  const dialer = () =>
    createServiceDialer({
      client: plane.client,
      nodeBackends: (name) =>
        name !== 'n1'
          ? undefined
          : { ...fake, portForward: (pod, to) => (asked.push({ pod, port: to }), fake.portForward(pod, to)) },
    })

  beforeEach(async () => {
    plane = createTestControlPlane()
    asked.length = 0
    await new Promise<void>((resolve) => server.listen(0, resolve))
    port = (server.address() as AddressInfo).port
    await plane.client.create(resources.namespaces, { metadata: { name: 'web' }, spec: {} })
    await plane.client.create(resources.services, {
      metadata: { name: 'hook', namespace: 'web' },
      spec: { ports: [{ name: 'https', port: 443, targetPort: 'tls' }] },
    })
  })
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve))
    await plane.close()
  })

  function createSlice(endpoints: object[]): Promise<unknown> {
    return plane.client.create(resources.endpointSlices, {
      metadata: {
        name: 'hook-1',
        namespace: 'web',
        labels: { 'kubernetes.io/service-name': 'hook' },
      },
      addressType: 'IPv4',
      ports: [{ name: 'https', port, protocol: 'TCP' }],
      endpoints,
    } as never)
  }

  async function textOf(stream: Duplex): Promise<string> {
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    stream.destroy()
    return text
  }

  it('reaches a pod on a network of its own through the node that runs it', async () => {
    const targetRef = { kind: 'Pod', namespace: 'web', name: 'p', uid: 'u1' }
    await createSlice([
      { addresses: ['203.0.113.7'], conditions: { ready: false }, targetRef, nodeName: 'n1' },
      { addresses: ['203.0.113.8'], conditions: { ready: true }, targetRef, nodeName: 'n1' },
    ])
    expect(await textOf(await dialer().dialService({ namespace: 'web', name: 'hook', port: 443 }))).toBe(
      'hello',
    )
    expect(asked).toEqual([{ pod: { namespace: 'web', name: 'p', uid: 'u1' }, port }])
  })

  it.skipIf(!ownIp)('connects to an endpoint without a pod itself, by port name too', async () => {
    await createSlice([{ addresses: [ownIp] }])
    for (const name of ['https', '']) {
      const stream = await dialer().dialService({ namespace: 'web', name: 'hook', port: name })
      expect(await textOf(stream)).toBe('hello')
    }
    expect(asked).toEqual([])
  })

  it('says what is missing in the words of upstream', async () => {
    const dial = (name: string, to: number): Promise<Duplex> =>
      dialer().dialService({ namespace: 'web', name, port: to })
    await expect(dial('gone', 443)).rejects.toMatchObject({
      code: 404,
      message: 'services "gone" not found',
    })
    await expect(dial('hook', 444)).rejects.toMatchObject({
      code: 503,
      message: 'no service port 444 found for service "hook"',
    })
    await expect(dial('hook', 443)).rejects.toMatchObject({
      code: 503,
      message: 'no endpoints available for service "hook"',
    })
  })

  it('reaches a pod by name, once it has an address', async () => {
    const ref = { namespace: 'web', name: 'p' }
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'web' } })
    const pod = await plane.client.create(resources.pods, {
      metadata: { ...ref },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
    })
    await expect(dialer().dialPod(ref, port)).rejects.toMatchObject({
      code: 400,
      message: 'address not allowed',
    })
    await plane.client.patch(resources.pods, ref, {
      type: 'merge',
      subresource: 'status',
      body: { status: { podIP: '203.0.113.9', podIPs: [{ ip: '203.0.113.9' }] } },
    })
    expect(await textOf(await dialer().dialPod(ref, port))).toBe('hello')
    expect(asked).toEqual([{ pod: { ...ref, uid: pod.metadata.uid }, port }])
  })
})
