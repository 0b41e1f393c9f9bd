import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { createClient, type Client } from '../../core/client/client.ts'
import { createHttpsTransport } from '../../core/client/https-transport.ts'
import { createInformerFactory } from '../../core/client/informer-factory.ts'
import { readAdminKubeconfig } from '../../core/cluster/admin-kubeconfig.ts'
import { leaderLease } from '../../core/cluster/leading-agents.ts'
import { hasEtcd, startEtcd, type EtcdProcess } from '../../core/storage/testing/etcd-process.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'
import { startCluster, temporaryDirectory, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

describe.runIf(hasEtcd)('two API servers over one etcd', () => {
  let etcd: EtcdProcess
  const shared = temporaryDirectory()
  const running: RunningCluster[] = []
  const undo = new DisposableStack()
  beforeAll(async () => {
    etcd = await startEtcd()
  })
  afterEach(async () => {
    for (const cluster of running) {
      await cluster.stop()
      rmSync(cluster.dataDirectory, { recursive: true, force: true })
    }
  })
  afterAll(async () => {
    undo.dispose()
    await etcd.stop()
    rmSync(shared, { recursive: true, force: true })
  })

  async function server(): Promise<{ cluster: RunningCluster; client: Client }> {
    const flags = ['--store', `etcd://${etcd.endpoint}`, '--cert-dir', join(shared, 'pki'), '--nodes', '0']
    const first = running[0]
    if (first) flags.push('--encryption-provider-config', join(first.dataDirectory, 'encryption.yaml'))
    const cluster = await startCluster({ args: [...flags, '--runtime', 'simulated'] })
    running.push(cluster)
    const transport = undo.use(createHttpsTransport(readAdminKubeconfig(cluster.dataDirectory)))
    return { cluster, client: createClient(transport) }
  }
  const holder = async (client: Client) =>
    (await client.get(resources.leases, leaderLease)).spec?.holderIdentity
  const map = (name: string): ConfigMap => ({ metadata: { name, namespace: 'default' }, data: { name } })

  it('share everything, elect one leader, and outlive its death', async () => {
    const a = await server()
    const b = await server()
    const leader = await holder(b.client)
    expect(leader).toBeTruthy()

    // What one has answered the other knows at once, in reads, lists and by resourceVersion.
    const created = await a.client.create(resources.configMaps, map('one'))
    expect(await b.client.get(resources.configMaps, { namespace: 'default', name: 'one' })).toEqual(created)
    const list = await b.client.list(resources.configMaps, {
      namespace: 'default',
      resourceVersion: created.metadata.resourceVersion!,
      resourceVersionMatch: 'NotOlderThan',
    })
    expect(list.items.map((item) => item.metadata.name)).toContain('one')
    await b.client.delete(resources.configMaps, { namespace: 'default', name: 'one' })
    await expect(
      a.client.get(resources.configMaps, { namespace: 'default', name: 'one' }),
    ).rejects.toMatchObject({ code: 404 })

    // Both may write to one object at once: no update is lost.
    await a.client.create(resources.configMaps, map('shared'))
    const ref = { namespace: 'default', name: 'shared' }
    await Promise.all(
      [a, b].flatMap(({ client }, at) =>
        Array.from({ length: 20 }, (_, index) =>
          client.patch(resources.configMaps, ref, {
            type: 'merge',
            body: { data: { [`k${at}-${index}`]: 'x' } },
          }),
        ),
      ),
    )
    expect(Object.keys((await a.client.get(resources.configMaps, ref)).data ?? {})).toHaveLength(41)

    // Services that both are asked for at once share no address and no port.
    const services = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        [a, b][index % 2]!.client.create(resources.services, {
          metadata: { name: `service-${index}`, namespace: 'default' },
          spec: { type: 'NodePort', ports: [{ port: 80 }] },
        }),
      ),
    )
    expect(new Set(services.map(({ spec }) => spec.clusterIP)).size).toBe(40)
    expect(new Set(services.map(({ spec }) => spec.ports![0]!.nodePort)).size).toBe(40)
    const wanted = (index: number, client: Client) =>
      client.create(resources.services, {
        metadata: { name: `wanted-${index}`, namespace: 'default' },
        spec: { type: 'NodePort', clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 30_007 }] },
      })
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => wanted(index, [a, b][index % 2]!.client)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of tries) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 422 })
    }
    // What a Service had is free once it is gone, on the other server too.
    const winner = tries.findIndex(({ status }) => status === 'fulfilled')
    await a.client.delete(resources.services, { namespace: 'default', name: `wanted-${winner}` })
    expect((await wanted(10, b.client)).spec.clusterIP).toBe('10.96.0.77')

    // Informers on either server end up with the same.
    const informers = [a, b].map(({ client }) => {
      const factory = undo.use(createInformerFactory({ client, clock: systemClock, log: silentLogger }))
      const informer = factory.informer(resources.configMaps)
      factory.start()
      return { factory, informer }
    })
    await Promise.all(informers.map(({ factory }) => factory.whenSynced()))
    for (let i = 0; i < 20; i++) await (i % 2 ? a : b).client.create(resources.configMaps, map(`many-${i}`))
    const seen = (at: number) =>
      informers[at]!.informer.store.list()
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`)
        .sort()
    await eventually('both informers hold the same', () => {
      const [first, second] = [seen(0), seen(1)]
      return first.filter((line) => line.includes('many-')).length === 20 && first.join() === second.join()
        ? true
        : undefined
    })

    // The controllers of the leader work; after kill -9 those of the other one do.
    await a.cluster.stop('SIGKILL')
    await b.client.create(resources.deployments, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { name: '', labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'nginx' }] },
        },
      },
    })
    await eventually(
      'the other one leads and its controllers work',
      async () => {
        const now = await holder(b.client)
        if (now === leader || !now) return undefined
        const { items } = await b.client.list(resources.pods, { namespace: 'default' })
        return items.length === 1 ? true : undefined
      },
      90_000,
    )
    const lease = await b.client.get(resources.leases, leaderLease)
    expect(lease.spec?.leaseTransitions).toBeGreaterThanOrEqual(1)
    expect(readFileSync(join(shared, 'pki', 'ca.crt'), 'utf8')).toContain('BEGIN CERTIFICATE')
  }, 240_000)
})
