import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { isExpired, isNotFound, StatusError } from '../api/status.ts'
import { openControlPlane, type ControlPlane } from '../cluster/control-plane.ts'
import { waitFor } from '../cluster/testing/wait-for.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createClient, type Client } from './client.ts'
import { createHttpsTransport } from './https-transport.ts'
import { createInformer } from './informer.ts'
import type { Transport } from './transport.ts'

const namespace = 'default'

describe('the HTTPS transport', () => {
  let directory: string
  let plane: ControlPlane
  let server: string
  let transport: Transport & Disposable
  let client: Client

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'transport-'))
    plane = await openControlPlane({
      dataDirectory: directory,
      nodeBackends: () => undefined,
      clock: systemClock,
      log: silentLogger,
    })
    const { port } = await plane.server.listen('127.0.0.1', 0)
    server = `https://127.0.0.1:${port}`
    const { certificate, key } = await plane.pki.issueClient({
      commonName: 'admin',
      organizations: ['system:masters'],
    })
    transport = createHttpsTransport({ server, ca: plane.pki.ca.certificate, cert: certificate, key })
    client = createClient(transport)
    await client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  })
  afterAll(async () => {
    transport[Symbol.dispose]()
    await plane.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('carries every verb', async () => {
    const ref = { namespace, name: 'a' }
    const created = await client.create(resources.configMaps, { metadata: ref, data: { x: '1' } })
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { x: '1' } })
    await client.update(resources.configMaps, { ...created, data: { x: '2' } })
    await client.patch(resources.configMaps, ref, { type: 'merge', body: { data: { y: '3' } } })
    await client.patch(resources.configMaps, ref, {
      type: 'json',
      body: [{ op: 'add', path: '/metadata/labels', value: { app: 'a' } }],
    })
    expect((await client.get(resources.configMaps, ref)).data).toEqual({ x: '2', y: '3' })
    const list = await client.list(resources.configMaps, {
      namespace,
      labelSelector: { matchLabels: { app: 'a' } },
    })
    expect(list.items).toEqual([await client.get(resources.configMaps, ref)])
    expect(list.items[0]).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
    await client.delete(resources.configMaps, ref)
    await expect(client.get(resources.configMaps, ref)).rejects.toSatisfy(isNotFound)
  })

  it('feeds an informer', async () => {
    using informer = createInformer({
      client,
      resource: resources.secrets,
      clock: systemClock,
      log: silentLogger,
    })
    informer.start()
    await informer.whenSynced()
    await client.create(resources.secrets, { metadata: { namespace, name: 's' } })
    await waitFor(() => informer.store.get(`${namespace}/s`))
    await client.delete(resources.secrets, { namespace, name: 's' })
    await waitFor(() => informer.store.size === 0)
  })

  it('gives upstream’s Status for a revision that is gone, and 503 when nobody answers', async () => {
    await plane.store.compact(plane.store.revision)
    const { signal } = new AbortController()
    const watching = client.watch(resources.secrets, { resourceVersion: '1', signal }, () => undefined)
    await expect(watching).rejects.toSatisfy(isExpired)
    using nobody = createHttpsTransport({ server: 'https://127.0.0.1:1' })
    const failure = await createClient(nobody)
      .list(resources.pods)
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StatusError)
    expect((failure as StatusError).code).toBe(503)
  })

  it('refuses a server of another authority, and callers without credentials', async () => {
    using distrustful = createHttpsTransport({ server })
    await expect(createClient(distrustful).list(resources.pods)).rejects.toThrow(/certificate/)
    using anonymous = createHttpsTransport({ server, ca: plane.pki.ca.certificate })
    await expect(createClient(anonymous).list(resources.pods)).rejects.toMatchObject({ name: 'StatusError' })
  })
})
