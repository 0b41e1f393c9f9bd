import { beforeEach, describe, expect, it } from 'vitest'
import type { Resource } from '../api/gvk.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'
import type { AdmissionAttributes } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { notFound } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'
import { FakeClock } from '../util/fake-clock.ts'
import type { AdmissionClient } from './admission-reader.ts'
import { createAdmission } from './index.ts'

/** JSON of any shape. */
type Any = ReturnType<typeof JSON.parse>

/** The cluster as the plugins see it: what has been put in. */
class Cluster implements AdmissionClient {
  objects = new Map<string, KubeObject>()

  put<T extends KubeObject>(resource: Resource<T>, object: T): void {
    const { namespace, name } = object.metadata
    this.objects.set(`${resource.resource}/${namespace ?? ''}/${name}`, object)
  }
  async get<T extends KubeObject>(
    resource: Resource<T>,
    ref: { namespace?: string; name: string },
  ): Promise<T> {
    const found = this.objects.get(`${resource.resource}/${ref.namespace ?? ''}/${ref.name}`)
    if (!found) throw notFound(resource, ref.name)
    return found as T
  }
  async list<T extends KubeObject>(resource: Resource<T>): Promise<KubeList<T>> {
    const items = [...this.objects].filter(([key]) => key.startsWith(`${resource.resource}/`))
    return { metadata: {}, items: items.map(([, object]) => object as T) }
  }
  async updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    this.put(resource, object)
    return object
  }
}

let cluster: Cluster
let clock: FakeClock
let plugins: ReturnType<typeof createAdmission>
beforeEach(() => {
  cluster = new Cluster()
  clock = new FakeClock()
  plugins = createAdmission({ client: cluster, clock })
  cluster.put(resources.namespaces, { metadata: { name: 'default' }, spec: {}, status: { phase: 'Active' } })
  cluster.put(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
})

async function admit(resource: Resource, change: Partial<AdmissionAttributes>): Promise<Any> {
  const object = change.object && structuredClone(change.object)
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    resource,
    kind: resource.kind,
    namespace: resource.namespaced ? 'default' : undefined,
    name: object?.metadata?.name ?? '',
    subresource: undefined,
    oldObject: undefined,
    context: {
      user: { name: 'u', groups: [] },
      dryRun: false,
      fieldManager: 'f',
      now: '',
      warn: () => undefined,
    },
    ...change,
    object,
  }
  for (const plugin of plugins) await plugin.admit?.(attributes)
  return attributes.object
}
async function failure(work: Promise<unknown>): Promise<StatusError> {
  return work.then(
    () => {
      throw new Error('was accepted')
    },
    (error: unknown) => error as StatusError,
  )
}

function pod(spec: Any = {}): KubeObject {
  return {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c' }], ...spec },
  } as Any
}

describe('namespace lifecycle', () => {
  it('refuses new objects in an absent or a terminating namespace', async () => {
    const absent = await failure(
      admit(resources.configMaps, { namespace: 'x', object: { metadata: { name: 'c' } } }),
    )
    expect([absent.code, absent.message]).toEqual([404, 'namespaces "x" not found'])
    cluster.put(resources.namespaces, {
      metadata: { name: 'old' },
      spec: {},
      status: { phase: 'Terminating' },
    })
    const ending = await failure(
      admit(resources.configMaps, { namespace: 'old', object: { metadata: { name: 'c' } } }),
    )
    expect(ending.code).toBe(403)
    expect(ending.message).toBe(
      'configmaps "c" is forbidden: unable to create new content in namespace old because it is being terminated',
    )
    expect(ending.status.details?.causes).toEqual([
      {
        reason: 'NamespaceTerminating',
        message: 'namespace old is being terminated',
        field: 'metadata.namespace',
      },
    ])
  })

  it('keeps the system namespaces', async () => {
    const error = await failure(admit(resources.namespaces, { operation: 'DELETE', name: 'kube-system' }))
    expect(error.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted')
    await admit(resources.namespaces, { operation: 'DELETE', name: 'mine' })
  })
})

describe('pods', () => {
  it('may be connected to: the options of a connection have no metadata', async () => {
    const object = { apiVersion: 'v1', kind: 'PodExecOptions', command: ['id'] } as Any
    await admit(resources.pods, { operation: 'CONNECT', name: 'p', subresource: 'exec', object })
  })

  it('get account, token volume, tolerations and priority', async () => {
    const { spec } = await admit(resources.pods, { object: pod({ initContainers: [{ name: 'i' }] }) })
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(['default', 'default'])
    const [volume] = spec.volumes
    expect(volume.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(volume.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    })
    const mount = {
      name: volume.name,
      readOnly: true,
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    }
    expect(spec.containers[0].volumeMounts).toEqual([mount])
    expect(spec.initContainers[0].volumeMounts).toEqual([mount])
    expect(spec.tolerations).toEqual([
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ])
    expect([spec.priority, spec.preemptionPolicy]).toEqual([0, 'PreemptLowerPriority'])
  })

  it('decline the token by pod or account, and inherit pull secrets', async () => {
    cluster.put(resources.serviceAccounts, {
      metadata: { name: 'quiet', namespace: 'default' },
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'registry' }],
    })
    const quiet = await admit(resources.pods, { object: pod({ serviceAccountName: 'quiet' }) })
    expect([quiet.spec.volumes, quiet.spec.imagePullSecrets]).toEqual([undefined, [{ name: 'registry' }]])
    const own = await admit(resources.pods, { object: pod({ automountServiceAccountToken: false }) })
    expect(own.spec.volumes).toBeUndefined()
    const loud = pod({ serviceAccountName: 'quiet', automountServiceAccountToken: true })
    expect((await admit(resources.pods, { object: loud })).spec.volumes).toHaveLength(1)
  })

  it('get tolerations and priority again when an update leaves them out', async () => {
    const before = await admit(resources.pods, { object: pod({ priority: 0 }) })
    const tolerations = [{ key: 'own', operator: 'Exists' }]
    const { spec } = await admit(resources.pods, {
      operation: 'UPDATE',
      name: 'p',
      oldObject: before,
      object: pod({ tolerations }),
    })
    expect(spec.tolerations).toEqual([...tolerations, ...before.spec.tolerations])
    expect([spec.priority, spec.preemptionPolicy]).toEqual([0, 'PreemptLowerPriority'])
  })

  it('keep tolerations of their own', async () => {
    const all = await admit(resources.pods, { object: pod({ tolerations: [{ operator: 'Exists' }] }) })
    expect(all.spec.tolerations).toEqual([{ operator: 'Exists' }])
  })

  it('are refused without their account or priority class', async () => {
    const error = await failure(admit(resources.pods, { object: pod({ serviceAccountName: 'nobody' }) }))
    expect(error.message).toBe(
      'pods "p" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    )
    const other = await failure(admit(resources.pods, { object: pod({ priorityClassName: 'high' }) }))
    expect(other.message).toBe('pods "p" is forbidden: no PriorityClass with name high was found')
    const system = await admit(resources.pods, { object: pod({ priorityClassName: 'system-node-critical' }) })
    expect(system.spec.priority).toBe(2_000_001_000)
  })

  it('wait for the default account of a new namespace', async () => {
    cluster.put(resources.namespaces, { metadata: { name: 'new' }, spec: {}, status: { phase: 'Active' } })
    const waiting = admit(resources.pods, { namespace: 'new', object: pod() })
    await clock.advance(200)
    cluster.put(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'new' } })
    await clock.advance(200)
    expect((await waiting).spec.serviceAccountName).toBe('default')
    const never = failure(
      admit(resources.pods, { namespace: 'default', object: pod({ serviceAccountName: 'gone' }) }),
    )
    expect((await never).code).toBe(403)
  })
})
