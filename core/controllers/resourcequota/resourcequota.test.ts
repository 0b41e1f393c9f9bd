import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, ResourceQuota, Service } from '../../api/generated/core-v1.ts'
import type { DeviceSubRequest, ResourceClaim } from '../../api/generated/resource-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Resource } from '../../api/gvk.ts'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createResourceQuotaController } from './resourcequota.ts'

let plane: TestControlPlane
let controller: Controller
beforeEach(async () => {
  plane = createTestControlPlane()
  controller = createResourceQuotaController({
    ...plane.dependencies,
    namespacedResources: () => plane.resources().filter(({ namespaced }) => namespaced),
  })
  await controller.start()
  await plane.client.create(resources.namespaces, { metadata: { name: 'n' }, spec: {} })
  await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'n' } })
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

type Spec = ResourceQuota['spec']

/** Creates a quota and waits until it counts. */
async function quota(name: string, spec: Spec): Promise<void> {
  await plane.client.create(resources.resourceQuotas, { metadata: { name, namespace: 'n' }, spec })
  await waitFor(async () => (await read(name)).status?.used !== undefined)
}

function read(name: string): Promise<ResourceQuota> {
  return plane.client.get(resources.resourceQuotas, { namespace: 'n', name })
}

async function used(name: string): Promise<Record<string, string> | undefined> {
  return (await read(name)).status?.used
}

function pod(name: string, spec: Partial<Pod['spec']> = {}, requests?: Record<string, string>): Promise<Pod> {
  const containers = [
    { name: 'a', image: 'i', ...(requests && { resources: { requests, limits: requests } }) },
  ]
  return plane.client.create(resources.pods, {
    metadata: { name, namespace: 'n' },
    spec: { containers, ...spec },
  })
}

function drop<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
  return plane.client.delete(resource, { namespace: 'n', name }, { gracePeriodSeconds: 0 })
}

describe('pods', () => {
  it('are charged until the quota is used up, and given back when they go', async () => {
    await quota('q', { hard: { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' } })
    expect(await used('q')).toEqual({ pods: '0', 'requests.cpu': '0', 'limits.memory': '0' })
    await pod('a', {}, { cpu: '600m', memory: '256Mi' })
    expect(await used('q')).toEqual({ pods: '1', 'requests.cpu': '600m', 'limits.memory': '256Mi' })
    await expect(pod('b', {}, { cpu: '500m', memory: '800Mi' })).rejects.toMatchObject({
      code: 403,
      message:
        'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=800Mi,requests.cpu=500m, ' +
        'used: limits.memory=256Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
    })
    await drop(resources.pods, 'a')
    await waitFor(async () => (await used('q'))?.pods === '0')
    await pod('b', {}, { cpu: '500m', memory: '800Mi' })
  })
  it('must say what they want of what is bounded', async () => {
    await quota('q', { hard: { 'limits.cpu': '1', 'requests.memory': '1Gi' } })
    const containers = [
      { name: 'b', image: 'i' },
      { name: 'a', image: 'i', resources: { limits: { cpu: '1' } } },
    ]
    await expect(pod('x', { containers })).rejects.toThrow(
      'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: b; requests.memory for: a,b',
    )
  })
  it('never exceed it, however many come at once', async () => {
    await quota('q', { hard: { pods: '7' } })
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => pod(`p${index}`)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
    expect(await used('q')).toEqual({ pods: '7' })
    expect((await plane.client.list(resources.pods, { namespace: 'n' })).items).toHaveLength(7)
  })
  it('are not charged by a dry run, nor for a creation that fails', async () => {
    await quota('q', { hard: { pods: '5' } })
    await plane.client.create(
      resources.pods,
      { metadata: { name: 'd', namespace: 'n' }, spec: { containers: [{ name: 'a', image: 'i' }] } },
      { dryRun: true },
    )
    await pod('a')
    await expect(pod('a')).rejects.toThrow('already exists')
    await waitFor(async () => (await used('q'))?.pods === '1')
  })
  it('that have ended give back what they took, but for their number', async () => {
    await quota('q', { hard: { pods: '1', 'count/pods': '5', cpu: '1' } })
    const created = await pod('a', {}, { cpu: '1' })
    await expect(pod('b', {}, { cpu: '1' })).rejects.toThrow('exceeded quota')
    await plane.client.updateStatus(resources.pods, { ...created, status: { phase: 'Succeeded' } })
    await waitFor(async () => (await used('q'))?.pods === '0')
    expect(await used('q')).toEqual({ pods: '0', 'count/pods': '1', cpu: '0' })
  })
  it('count in the scopes they are in', async () => {
    await plane.client.create(resources.priorityClasses, { metadata: { name: 'high' }, value: 10 })
    const select = (scopeName: string, operator: string, values?: string[]): Spec['scopeSelector'] => ({
      matchExpressions: [{ scopeName, operator, ...(values && { values }) }],
    })
    await quota('best-effort', { hard: { pods: '9' }, scopes: ['BestEffort'] })
    await quota('not-best-effort', { hard: { pods: '9' }, scopes: ['NotBestEffort'] })
    await quota('terminating', { hard: { pods: '9' }, scopes: ['Terminating'] })
    await quota('not-terminating', { hard: { pods: '9' }, scopes: ['NotTerminating'] })
    await quota('high', { hard: { pods: '1' }, scopeSelector: select('PriorityClass', 'In', ['high']) })
    await quota('others', { hard: { pods: '9' }, scopeSelector: select('PriorityClass', 'NotIn', ['high']) })
    await quota('cross', { hard: { pods: '0' }, scopes: ['CrossNamespacePodAffinity'] })
    await pod('a', { priorityClassName: 'high', activeDeadlineSeconds: 5 })
    await pod('b', {}, { cpu: '1' })
    const counts: Record<string, string | undefined> = {}
    for (const { metadata, status } of (await plane.client.list(resources.resourceQuotas, { namespace: 'n' }))
      .items)
      counts[metadata.name] = status?.used?.pods
    expect(counts).toEqual({
      'best-effort': '1',
      'not-best-effort': '1',
      terminating: '1',
      'not-terminating': '1',
      high: '1',
      others: '1',
      cross: '0',
    })
    await expect(pod('c', { priorityClassName: 'high' })).rejects.toThrow(
      'pods "c" is forbidden: exceeded quota: high, requested: pods=1, used: pods=1, limited: pods=1',
    )
    const term = { topologyKey: 'h', labelSelector: {}, namespaces: ['m'] }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    await expect(pod('d', { affinity })).rejects.toThrow('exceeded quota: cross')
  })
  it('count with sidecars, start-up, overhead and extended resources', async () => {
    await quota('q', { hard: { 'requests.cpu': '9', 'requests.example.com/gpu': '2' } })
    const of = (cpu: string, other: Record<string, string> = {}): { requests: Record<string, string> } => ({
      requests: { cpu, ...other },
    })
    await pod('a', {
      initContainers: [
        { name: 's', image: 'i', restartPolicy: 'Always', resources: of('1') },
        { name: 'i', image: 'i', resources: of('3') },
      ],
      containers: [
        {
          name: 'a',
          image: 'i',
          resources: { requests: { cpu: '1', 'example.com/gpu': '2' }, limits: { 'example.com/gpu': '2' } },
        },
      ],
    })
    expect(await used('q')).toEqual({ 'requests.cpu': '4', 'requests.example.com/gpu': '2' })
  })
})

describe('other objects', () => {
  it('count by the number of any kind', async () => {
    await quota('q', {
      hard: { configmaps: '1', 'count/deployments.apps': '0', 'count/secrets': '1', secrets: '1' },
    })
    await plane.client.create(resources.configMaps, { metadata: { name: 'a', namespace: 'n' } })
    await expect(
      plane.client.create(resources.configMaps, { metadata: { name: 'b', namespace: 'n' } }),
    ).rejects.toThrow(
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    )
    const template = {
      metadata: { name: '', labels: { a: 'b' } },
      spec: { containers: [{ name: 'a', image: 'i' }] },
    }
    await expect(
      plane.client.create(resources.deployments, {
        metadata: { name: 'd', namespace: 'n' },
        spec: { selector: { matchLabels: { a: 'b' } }, template },
      }),
    ).rejects.toThrow(
      'deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1',
    )
    await drop(resources.configMaps, 'a')
    await waitFor(async () => (await used('q'))?.configmaps === '0')
  })
  it('that are Services count by their ports and type, also when these change', async () => {
    await quota('q', { hard: { services: '5', 'services.nodeports': '2', 'services.loadbalancers': '1' } })
    const spec: Service['spec'] = { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 81, name: 'b' }] }
    spec.ports![0]!.name = 'a'
    const created = await plane.client.create(resources.services, {
      metadata: { name: 's', namespace: 'n' },
      spec,
    })
    expect(await used('q')).toEqual({
      services: '1',
      'services.nodeports': '2',
      'services.loadbalancers': '1',
    })
    const ports = created.spec.ports ?? []
    const grown = { ...created, spec: { ...created.spec, ports: [...ports, { name: 'c', port: 82 }] } }
    await expect(plane.client.update(resources.services, grown)).rejects.toThrow(
      'exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2',
    )
  })
  it('that are claims count by storage, in all and by class', async () => {
    const gold = 'gold.storageclass.storage.k8s.io/requests.storage'
    await quota('q', { hard: { 'requests.storage': '10Gi', [gold]: '1Gi', persistentvolumeclaims: '5' } })
    const claim = (name: string, storage: string, storageClassName: string): Promise<unknown> =>
      plane.client.create(resources.persistentVolumeClaims, {
        metadata: { name, namespace: 'n' },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
      })
    await claim('a', '1Gi', 'gold')
    await claim('b', '5Gi', 'silver')
    expect(await used('q')).toEqual({ 'requests.storage': '6Gi', [gold]: '1Gi', persistentvolumeclaims: '2' })
    await expect(claim('c', '1Gi', 'gold')).rejects.toThrow(`exceeded quota: q, requested: ${gold}=1Gi`)
  })

  it('that are claims of devices count by class, with as many as there can be', async () => {
    const [gold, silver] = ['gold', 'silver'].map((name) => `${name}.deviceclass.resource.k8s.io/devices`)
    const number = 'count/resourceclaims.resource.k8s.io'
    await quota('q', { hard: { [gold!]: '40', [silver!]: '5', [number]: '2' } })
    expect(await used('q')).toEqual({ [gold!]: '0', [silver!]: '0', [number]: '0' })
    const claim = (name: string, requests: ResourceClaim['spec']['devices']): Promise<unknown> =>
      plane.client.create(resources.resourceClaims, {
        metadata: { name, namespace: 'n' },
        spec: { devices: requests! },
      })
    const one = { name: 'one', exactly: { deviceClassName: 'gold' } }
    const all = { name: 'all', exactly: { deviceClassName: 'gold', allocationMode: 'All' } }
    const some = (name: string, deviceClassName: string, count: number): DeviceSubRequest => ({
      name,
      deviceClassName,
      allocationMode: 'ExactCount',
      count,
    })
    const first = {
      name: 'first',
      firstAvailable: [some('a', 'gold', 2), some('b', 'gold', 3), some('c', 'silver', 1)],
    }
    await claim('a', { requests: [one, all, first] })
    expect(await used('q')).toEqual({ [gold!]: '36', [silver!]: '1', [number]: '1' })
    await expect(
      claim('b', { requests: [first, first].map((r, n) => ({ ...r, name: `r${n}` })) }),
    ).rejects.toThrow(`exceeded quota: q, requested: ${gold}=6, used: ${gold}=36, limited: ${gold}=40`)
    await drop(resources.resourceClaims, 'a')
    await waitFor(async () => (await used('q'))?.[gold!] === '0')
  })
})

describe('the controller', () => {
  it('counts what was there before the quota, and follows a change of its bounds', async () => {
    await pod('a')
    await quota('q', { hard: { pods: '5' } })
    expect(await used('q')).toEqual({ pods: '1' })
    await plane.client.patch(
      resources.resourceQuotas,
      { namespace: 'n', name: 'q' },
      { type: 'merge', body: { spec: { hard: { pods: null, 'count/pods': '3' } } } },
    )
    await waitFor(async () => (await used('q'))?.['count/pods'] === '1')
    expect((await read('q')).status).toEqual({ hard: { 'count/pods': '3' }, used: { 'count/pods': '1' } })
  })
})
