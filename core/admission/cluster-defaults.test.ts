import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import type { Resource } from '../api/gvk.ts'
import { resources } from '../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'

/** JSON of any shape. */
type Any = ReturnType<typeof JSON.parse>

let plane: TestControlPlane
beforeEach(async () => {
  plane = createTestControlPlane()
  await plane.client.create(resources.namespaces, { metadata: { name: 'default' }, spec: {} })
  await plane.client.create(resources.serviceAccounts, {
    metadata: { name: 'default', namespace: 'default' },
  })
})
afterEach(() => plane.close())

function create<T extends KubeObject>(resource: Resource<T>, yaml: string): Promise<Any> {
  const object = parse(yaml) as T
  if (resource.namespaced) object.metadata.namespace = 'default'
  return plane.client.create(resource, object)
}
async function refusalOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'accepted',
    (error: unknown) => (error as Error).message.replace(/^.*? is forbidden: /, ''),
  )
}
const pod = (name: string, spec = '{}'): Promise<Any> =>
  create(
    resources.pods,
    `{ metadata: { name: ${name} }, spec: ${spec.replace('{', '{ containers: [{ name: c, image: nginx }], ')} }`,
  )
const claim = (name: string, rest = ''): Promise<Any> =>
  create(
    resources.persistentVolumeClaims,
    `{ metadata: { name: ${name} }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } ${rest} } }`,
  )
const storageClass = (name: string, rest = ''): Promise<Any> =>
  create(
    resources.storageClasses,
    `{ metadata: { name: ${name}, annotations: { storageclass.kubernetes.io/is-default-class: 'true' } }, provisioner: example.com/disk ${rest} }`,
  )

describe('claims', () => {
  it('get the default class, and the finalizer that keeps them while in use', async () => {
    const before = await claim('before')
    expect([before.spec.storageClassName, before.metadata.finalizers]).toEqual([
      undefined,
      ['kubernetes.io/pvc-protection'],
    ])
    await storageClass('standard')
    expect((await claim('usual')).spec.storageClassName).toBe('standard')
    expect((await claim('none', ', storageClassName: ""')).spec.storageClassName).toBe('')
    expect((await claim('other', ', storageClassName: fast')).spec.storageClassName).toBe('fast')
  })

  it('grow when they are bound and their class allows it', async () => {
    await storageClass('fixed')
    const made = await claim('a')
    const grow = async (): Promise<string> => {
      const current = await plane.client.get(resources.persistentVolumeClaims, {
        namespace: 'default',
        name: 'a',
      })
      const spec = { ...current.spec, resources: { requests: { storage: '2Gi' } } }
      return refusalOf(plane.client.update(resources.persistentVolumeClaims, { ...current, spec }))
    }
    expect(await grow()).toContain('spec is immutable after creation')
    await plane.client.updateStatus(resources.persistentVolumeClaims, { ...made, status: { phase: 'Bound' } })
    expect(await grow()).toBe(
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
    const fixed = await plane.client.get(resources.storageClasses, { name: 'fixed' })
    await plane.client.update(resources.storageClasses, { ...fixed, allowVolumeExpansion: true })
    expect(await grow()).toBe('accepted')
  })
})

describe('Ingresses', () => {
  it('get the default class unless they name one', async () => {
    const ingress = (name: string, rest = ''): Promise<Any> =>
      create(
        resources.ingresses,
        `{ metadata: { name: ${name} }, spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } ${rest} } }`,
      )
    await create(
      resources.ingressClasses,
      "{ metadata: { name: nginx, annotations: { ingressclass.kubernetes.io/is-default-class: 'true' } }, spec: { controller: k8s.io/ingress-nginx } }",
    )
    expect((await ingress('a')).spec.ingressClassName).toBe('nginx')
    expect((await ingress('b', ', ingressClassName: other')).spec.ingressClassName).toBe('other')
  })
})

describe('pods', () => {
  it('get the priority of the global default, of which there is one', async () => {
    const priority = (name: string, rest: string): Promise<Any> =>
      create(resources.priorityClasses, `{ metadata: { name: ${name} }, ${rest} }`)
    expect((await pod('before')).spec).toMatchObject({
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    })
    await priority('usual', 'value: 10, globalDefault: true')
    await priority('batch', 'value: -5, preemptionPolicy: Never')
    expect((await pod('a')).spec).toMatchObject({ priorityClassName: 'usual', priority: 10 })
    expect((await pod('b', '{ priorityClassName: batch }')).spec).toMatchObject({
      priority: -5,
      preemptionPolicy: 'Never',
    })
    expect(await refusalOf(priority('second', 'value: 1, globalDefault: true'))).toBe(
      'PriorityClass usual is already marked as default. Only one default can exist',
    )
    expect(await refusalOf(pod('c', '{ priority: 7 }'))).toContain(
      'the integer value of priority (7) must not be provided',
    )
  })

  it('take what their runtime costs, and run where it is', async () => {
    await create(
      resources.runtimeClasses,
      '{ metadata: { name: sandboxed }, handler: gvisor, overhead: { podFixed: { cpu: 100m } }, scheduling: { nodeSelector: { sandbox: "yes" }, tolerations: [{ key: sandbox, operator: Exists }] } }',
    )
    const made = await pod('a', '{ runtimeClassName: sandboxed, nodeSelector: { disk: ssd } }')
    expect(made.spec).toMatchObject({
      overhead: { cpu: '100m' },
      nodeSelector: { disk: 'ssd', sandbox: 'yes' },
    })
    expect(made.spec.tolerations).toContainEqual({ key: 'sandbox', operator: 'Exists' })
    expect(await refusalOf(pod('b', '{ runtimeClassName: other }'))).toBe(
      'pod rejected: RuntimeClass "other" not found',
    )
    expect(
      await refusalOf(pod('c', '{ runtimeClassName: sandboxed, nodeSelector: { sandbox: no } }')),
    ).toContain('conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes')
    expect(await refusalOf(pod('d', '{ overhead: { cpu: 1 } }'))).toContain(
      'without corresponding RuntimeClass',
    )
  })
})

describe('LimitRanges', () => {
  const withResources = (name: string, given: string): Promise<Any> =>
    create(
      resources.pods,
      `{ metadata: { name: ${name} }, spec: { containers: [{ name: c, image: nginx, resources: ${given} }] } }`,
    )
  beforeEach(async () => {
    await create(
      resources.limitRanges,
      `
metadata: { name: bounds }
spec:
  limits:
  - { type: Container, min: { cpu: 50m }, max: { cpu: "1", memory: 1Gi }, default: { cpu: 500m, memory: 256Mi }, defaultRequest: { cpu: 100m }, maxLimitRequestRatio: { cpu: "10" } }
  - { type: Pod, max: { memory: 512Mi } }
  - { type: PersistentVolumeClaim, max: { storage: 5Gi } }
`,
    )
  })

  it('give containers what they do not ask for', async () => {
    const made = await pod('a')
    expect(made.spec.containers[0].resources).toEqual({
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '100m', memory: '256Mi' },
    })
    expect(made.metadata.annotations['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c',
    )
  })

  it.each([
    [
      '{ limits: { cpu: 2 }, requests: { cpu: 500m } }',
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      '{ requests: { cpu: 10m }, limits: { cpu: 60m } }',
      'minimum cpu usage per Container is 50m, but request is 10m',
    ],
    [
      '{ requests: { cpu: 50m }, limits: { cpu: 1 } }',
      'cpu max limit to request ratio per Container is 10, but provided ratio is 20.000000',
    ],
    ['{ limits: { memory: 768Mi } }', 'maximum memory usage per Pod is 512Mi, but limit is 768Mi'],
    [
      '{ limits: { memory: 2Gi } }',
      '[maximum memory usage per Container is 1Gi, but limit is 2Gi, maximum memory usage per Pod is 512Mi, but limit is 2Gi]',
    ],
  ])('refuse %s', async (given, message) => {
    expect(await refusalOf(withResources('a', given))).toBe(message)
  })

  it('bound the storage of claims, and only their own namespace', async () => {
    expect(await refusalOf(claim('small'))).toBe('accepted')
    const large = create(
      resources.persistentVolumeClaims,
      '{ metadata: { name: large }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 9Gi } } } }',
    )
    expect(await refusalOf(large)).toBe(
      'maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 9Gi',
    )
    await plane.client.create(resources.namespaces, { metadata: { name: 'free' }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'free' } })
    const elsewhere = await plane.client.create(resources.pods, {
      metadata: { name: 'p', namespace: 'free' },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    })
    expect(elsewhere.spec.containers[0]!.resources).toEqual({})
  })
})
