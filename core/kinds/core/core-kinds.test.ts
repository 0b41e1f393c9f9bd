import { describe, expect, it } from 'vitest'
import { messageOf, type AnyObject } from '../testing/test-kinds.ts'
import { useKinds } from '../testing/use-kinds.ts'

const { create, update, row, resource, context } = useKinds()

const myService = `
apiVersion: v1
kind: Service
metadata: { name: my-app-service }
spec:
  type: ClusterIP
  selector: { app: my-app }
  ports:
    - { port: 80, targetPort: 8080 }
`

describe('Service', () => {
  it('gets defaults and shows its columns', async () => {
    const service = await create(myService)
    expect(service.spec).toEqual({
      type: 'ClusterIP',
      selector: { app: 'my-app' },
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    })
    expect(service.status).toEqual({ loadBalancer: {} })
    expect(row(service)).toBe('my-app-service ClusterIP <none> <none> 80/TCP 5m | app=my-app')
    const given: AnyObject = structuredClone(service)
    Object.assign(given.spec, { type: 'LoadBalancer', clusterIPs: ['10.96.3.4'] })
    given.spec.ports[0].nodePort = 30080
    expect(row(given)).toBe('my-app-service LoadBalancer 10.96.3.4 <pending> 80:30080/TCP 5m | app=my-app')
  })

  it.each([
    ['    - { port: 80, targetPort: 8080 }', '    []', 'spec.ports: Required value'],
    ['port: 80,', 'port: 0,', 'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
    [
      'port: 80,',
      'port: 80, nodePort: 30000,',
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      'type: ClusterIP',
      'type: Odd',
      'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    ['type: ClusterIP', 'type: ExternalName', 'spec.externalName: Required value'],
    [
      '    - {',
      '    - { port: 81 }\n    - {',
      'spec.ports[0].name: Required value, spec.ports[1].name: Required value',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await messageOf(create(myService.replace(from, to)))).toContain(message)
  })

  it('has a name that is a DNS label', async () => {
    expect(await messageOf(create(myService.replace('my-app-service', 'first_')))).toContain(
      `metadata.name: Invalid value: "first_": a lowercase RFC 1123 label must consist of`,
    )
  })
})

describe('ConfigMap and Secret', () => {
  it('turns stringData into data', async () => {
    const secret = await create(
      '{ apiVersion: v1, kind: Secret, metadata: { name: s }, data: { a: YQ== }, stringData: { b: bee, a: again } }',
    )
    expect(secret.data).toEqual({ a: 'YWdhaW4=', b: 'YmVl' })
    expect([secret.type, secret.stringData]).toEqual(['Opaque', undefined])
    expect(row(secret)).toBe('s Opaque 2 5m')
    expect(await messageOf(update(secret, (copy) => (copy.type = 'other/type')))).toBe(
      'Secret "s" is invalid: type: Invalid value: "other/type": field is immutable',
    )
  })

  it('checks what a type needs', async () => {
    expect(
      await messageOf(
        create('{ apiVersion: v1, kind: Secret, metadata: { name: s }, type: kubernetes.io/tls }'),
      ),
    ).toBe('Secret "s" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]')
  })

  it('checks keys and size', async () => {
    expect(
      await messageOf(
        create('{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { "a b": x } }'),
      ),
    ).toContain(`data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters`)
    expect(
      await messageOf(
        create(
          `{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { a: ${'x'.repeat(1024 * 1024 + 1)} } }`,
        ),
      ),
    ).toBe('ConfigMap "c" is invalid: []: Too long: may not be more than 1048576 bytes')
  })

  it('stays as it is once immutable', async () => {
    const map = await create(
      '{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { a: b }, immutable: true }',
    )
    const refused = update(map, (copy) => {
      copy.data.a = 'c'
      copy.immutable = false
    })
    expect(await messageOf(refused)).toBe(
      'ConfigMap "c" is invalid: [immutable: Forbidden: field is immutable when `immutable` is set, data: Forbidden: field is immutable when `immutable` is set]',
    )
    expect((await update(map, (copy) => (copy.metadata.labels = { a: 'b' }))).metadata.labels).toEqual({
      a: 'b',
    })
  })
})

describe('Namespace', () => {
  it('is labelled with its name and goes through its finalizers', async () => {
    const namespace = await create('{ apiVersion: v1, kind: Namespace, metadata: { name: dev } }')
    expect(namespace.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'dev' })
    expect([namespace.spec, namespace.status]).toEqual([{ finalizers: ['kubernetes'] }, { phase: 'Active' }])
    expect(row(namespace)).toBe('dev Active 5m')
    const kept = await update(namespace, (copy) => (copy.spec = {}))
    expect(kept.spec.finalizers).toEqual(['kubernetes'])

    const ref = { namespace: undefined, name: 'dev' }
    const deleted = await resource('Namespace').delete(ref, {}, { context: context() })
    expect(deleted.gone).toBe(false)
    expect((deleted.object as AnyObject).status.phase).toBe('Terminating')
    await update(deleted.object, (copy) => (copy.spec.finalizers = []), 'finalize')
    expect(await messageOf(resource('Namespace').get(undefined, 'dev'))).toBe('namespaces "dev" not found')
  })
})

describe('Node', () => {
  it('keeps the status it registers with and shows its columns', async () => {
    const node = await create(`
apiVersion: v1
kind: Node
metadata: { name: n, labels: { node-role.kubernetes.io/control-plane: '' } }
spec: { unschedulable: true }
status:
  capacity: { cpu: 2000m }
  conditions: [{ type: Ready, status: 'True' }]
  addresses: [{ type: InternalIP, address: 172.18.0.2 }]
  nodeInfo: { kubeletVersion: v1.36.0, osImage: Debian }
`)
    expect(node.status).toMatchObject({ capacity: { cpu: '2' }, allocatable: { cpu: '2' } })
    expect(row(node)).toBe(
      'n Ready,SchedulingDisabled control-plane 5m v1.36.0 | 172.18.0.2 <none> Debian <unknown> <unknown>',
    )
    const twice = '[{ key: a, effect: NoSchedule }, { key: a, effect: NoSchedule }]'
    expect(
      await messageOf(
        create(`{ apiVersion: v1, kind: Node, metadata: { name: m }, spec: { taints: ${twice} } }`),
      ),
    ).toBe(
      'Node "m" is invalid: metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    )
  })
})

describe('PodTemplate', () => {
  it('shows its columns, among which there is no age', async () => {
    const template = await create(`
apiVersion: v1
kind: PodTemplate
metadata: { name: t }
template:
  metadata: { labels: { a: b } }
  spec: { containers: [{ name: c, image: i }, { name: d, image: j }] }
`)
    expect(row(template)).toBe('t c,d i,j a=b')
  })
})

describe('Endpoints, EndpointSlices, Events, Leases', () => {
  it('shows their columns', async () => {
    const endpoints = await create(`
apiVersion: v1
kind: Endpoints
metadata: { name: e }
subsets: [{ addresses: [{ ip: 10.0.0.1 }, { ip: 10.0.0.2 }], ports: [{ name: a, port: 80 }, { name: b, port: 81 }] }]
`)
    expect(row(endpoints)).toBe('e 10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more... 5m')
    const slice = await create(`
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: s }
addressType: IPv4
endpoints: [{ addresses: [10.0.0.1] }]
ports: [{ port: 80 }]
`)
    expect(slice.ports).toEqual([{ name: '', port: 80, protocol: 'TCP' }])
    expect(row(slice)).toBe('s IPv4 80 10.0.0.1 5m')
    const event = await create(`
apiVersion: v1
kind: Event
metadata: { name: ev }
involvedObject: { kind: Pod, namespace: default, name: nginx, fieldPath: 'spec.containers{nginx}' }
reason: Pulled
type: Normal
message: "Image present\\n"
source: { component: kubelet, host: n1 }
firstTimestamp: '2026-01-01T00:00:00Z'
lastTimestamp: '2026-01-01T00:04:00Z'
count: 3
`)
    expect(row(event)).toBe(
      '60s Normal Pulled pod/nginx Image present | spec.containers{nginx} kubelet, n1 5m 3 ev',
    )
    const { selectableFields } = resource('Event').definition
    expect(selectableFields!['involvedObject.name']!(event)).toBe('nginx')
    const lease = await create(
      '{ apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: { name: l }, spec: { holderIdentity: me } }',
    )
    expect(row(lease)).toBe('l me 5m')
    expect(
      await messageOf(
        create(
          '{ apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: { name: m }, spec: { leaseDurationSeconds: 0 } }',
        ),
      ),
    ).toBe(
      'Lease.coordination.k8s.io "m" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    )
  })
})
