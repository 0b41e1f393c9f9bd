import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import type { KindDefinition } from '../registry/kind.ts'
import type { Registry, ResourceRegistry } from '../registry/registry.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { builtInKinds } from './index.ts'
import { createTestRegistry, resourceOfKind, testContext } from './testing/test-registry.ts'

/** JSON of any shape. */
type Any = ReturnType<typeof JSON.parse>

const context = testContext()
let registry: Registry
let clock: FakeClock
beforeEach(() => {
  clock = new FakeClock()
  registry = createTestRegistry({ clock })
})

const registryOf = (kind: string): ResourceRegistry => resourceOfKind(registry, kind)

/** Creates what the YAML says, in the namespace `default`, and gives the stored object. */
async function create(yaml: string): Promise<Any> {
  const object = parse(yaml) as KubeObject
  const target = registryOf(object.kind!)
  const namespace = target.definition.namespaced ? 'default' : undefined
  return (await target.create(namespace, object, { context })).object
}
async function update(object: Any, change: (copy: Any) => void, subresource?: string): Promise<Any> {
  const copy = structuredClone(object)
  change(copy)
  const { name, namespace } = object.metadata
  const options = subresource ? { context, subresource } : { context }
  return (await registryOf(object.kind).update({ namespace, name }, copy, options)).object
}
/** The `kubectl get` row of an object, `-o wide` columns after a bar. */
function row(object: Any, now = Date.parse('2026-01-01T00:05:00Z')): string {
  const { columns } = builtInKinds.find((one) => one.kind === object.kind)!
  const cells = (wide: boolean): string =>
    columns
      .filter((column) => (column.priority ?? 0) > 0 === wide)
      .map((column) => String(column.value(object, now)))
      .join(' ')
  return cells(true) ? `${cells(false)} | ${cells(true)}` : cells(false)
}
async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'accepted',
    (error: unknown) => (error as Error).message,
  )
}

const nginxPod = `
apiVersion: v1
kind: Pod
metadata: { labels: { run: nginx }, name: nginx }
spec:
  containers:
    - { image: nginx, name: nginx }
`
const myApp = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: my-app }
spec:
  replicas: 3
  selector: { matchLabels: { app: my-app } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: my-app } }
    spec:
      containers:
        - { name: app, image: 'my-app:1.0', ports: [{ containerPort: 8080 }] }
`
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

describe('built-in kinds', () => {
  it('name a schema that exists, and have columns', () => {
    const schemas = JSON.parse(
      readFileSync(new URL('../../resources/kubernetes/schemas.json', import.meta.url), 'utf8'),
    ) as Record<string, unknown>
    for (const kind of builtInKinds) {
      expect(schemas, kind.kind).toHaveProperty([kind.schema as string])
      expect(kind.columns.map((column) => column.name)).toContain('Name')
    }
    const keys = builtInKinds.map((kind) => `${kind.group}/${kind.version}/${kind.names.plural}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('have the names of upstream', () => {
    const names = (kind: KindDefinition): string =>
      [kind.names.plural, ...(kind.names.short ?? []), ...(kind.names.categories ?? [])].join(' ')
    expect(builtInKinds.map(names)).toEqual([
      'bindings',
      'componentstatuses cs',
      'configmaps cm',
      'endpoints ep',
      'events ev',
      'limitranges limits',
      'namespaces ns',
      'nodes no',
      'persistentvolumeclaims pvc',
      'persistentvolumes pv',
      'pods po all',
      'podtemplates',
      'replicationcontrollers rc all',
      'resourcequotas quota',
      'secrets',
      'serviceaccounts sa',
      'services svc all',
      'mutatingadmissionpolicies api-extensions',
      'mutatingadmissionpolicybindings api-extensions',
      'mutatingwebhookconfigurations api-extensions',
      'validatingadmissionpolicies api-extensions',
      'validatingadmissionpolicybindings api-extensions',
      'validatingwebhookconfigurations api-extensions',
      'customresourcedefinitions crd crds api-extensions',
      'apiservices api-extensions',
      'controllerrevisions',
      'daemonsets ds all',
      'deployments deploy all',
      'replicasets rs all',
      'statefulsets sts all',
      'selfsubjectreviews',
      'tokenreviews',
      'localsubjectaccessreviews',
      'selfsubjectaccessreviews',
      'selfsubjectrulesreviews',
      'subjectaccessreviews',
      'horizontalpodautoscalers hpa all',
      'horizontalpodautoscalers hpa all',
      'cronjobs cj all',
      'jobs all',
      'certificatesigningrequests csr',
      'leases',
      'endpointslices',
      'events ev',
      'flowschemas',
      'prioritylevelconfigurations',
      'ingressclasses',
      'ingresses ing',
      'ipaddresses ip',
      'networkpolicies netpol',
      'servicecidrs',
      'runtimeclasses',
      'poddisruptionbudgets pdb',
      'clusterrolebindings',
      'clusterroles',
      'rolebindings',
      'roles',
      'deviceclasses',
      'resourceclaims',
      'resourceclaimtemplates',
      'resourceslices',
      'priorityclasses pc',
      'csidrivers',
      'csinodes',
      'csistoragecapacities',
      'storageclasses sc',
      'volumeattachments',
      'volumeattributesclasses vac',
    ])
  })
})

describe('Pod', () => {
  it('gets the defaults of upstream', async () => {
    const pod = await create(nginxPod)
    expect(pod.spec).toEqual({
      containers: [
        {
          image: 'nginx',
          name: 'nginx',
          imagePullPolicy: 'Always',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    })
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(row(pod)).toBe('nginx 0/1 Pending 0 5m | <none> <none> <none> <none>')
  })

  it('defaults probes, ports, volumes, environment and requests', async () => {
    const pod = await create(`
apiVersion: v1
kind: Pod
metadata: { name: full }
spec:
  serviceAccountName: robot
  containers:
    - name: app
      image: registry.example:5000/app@sha256:0123456789012345678901234567890123456789012345678901234567890123
      ports: [{ containerPort: 80 }]
      livenessProbe: { httpGet: { port: 80 } }
      env: [{ name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]
      resources: { limits: { cpu: 1000m, memory: 1024Mi }, requests: { cpu: '0.5' } }
  volumes:
    - name: nothing
    - { name: secret, secret: { secretName: s } }
    - { name: host, hostPath: { path: /tmp } }
    - { name: all, projected: { sources: [{ serviceAccountToken: { path: token } }] } }
`)
    const [container] = pod.spec.containers
    expect(container.imagePullPolicy).toBe('IfNotPresent')
    expect(container.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }])
    expect(container.livenessProbe).toEqual({
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    })
    expect(container.env[0].valueFrom.fieldRef.apiVersion).toBe('v1')
    expect(container.resources).toEqual({
      limits: { cpu: '1', memory: '1Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
    expect(pod.spec.serviceAccount).toBe('robot')
    expect(pod.spec.volumes).toEqual([
      { name: 'nothing', emptyDir: {} },
      { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'host', hostPath: { path: '/tmp', type: '' } },
      {
        name: 'all',
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }],
        },
      },
    ])
    expect(pod.status.qosClass).toBe('Burstable')
  })

  it.each([
    ['containers: []', 'spec.containers: Required value'],
    ['containers: [{ image: a }]', 'spec.containers[0].name: Required value'],
    ['containers: [{ name: a }]', 'spec.containers[0].image: Required value'],
    [
      'containers: [{ name: A, image: a }]',
      `spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
    [
      'containers: [{ name: a, image: a }, { name: a, image: b }]',
      'spec.containers[1].name: Duplicate value: "a"',
    ],
    [
      'containers: [{ name: a, image: a, imagePullPolicy: Sometimes }]',
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      'containers: [{ name: a, image: a, volumeMounts: [{ name: v, mountPath: /v }] }]',
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      'containers: [{ name: a, image: a, ports: [{ containerPort: 99999 }] }]',
      'spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
    ],
    [
      'containers: [{ name: a, image: a, resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }]',
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      'containers: [{ name: a, image: a, env: [{ name: A, valueFrom: {} }] }]',
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
    [
      'containers: [{ name: a, image: a, readinessProbe: { periodSeconds: 5 } }]',
      'spec.containers[0].readinessProbe: Required value: must specify a handler type',
    ],
    [
      'containers: [{ name: a, image: a }], initContainers: [{ name: b, image: b, livenessProbe: { exec: { command: [x] } } }]',
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      'containers: [{ name: a, image: a }], volumes: [{ name: v, emptyDir: {}, hostPath: { path: /x } }]',
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'containers: [{ name: a, image: a }], restartPolicy: Maybe',
      'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      'containers: [{ name: a, image: a }], tolerations: [{ key: k, operator: Exists, value: v }]',
      `spec.tolerations[0].operator: Invalid value: "v": value must be empty when \`operator\` is 'Exists'`,
    ],
    [
      'containers: [{ name: a, image: a }], activeDeadlineSeconds: 0',
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
  ])('refuses { %s }', async (spec, message) => {
    const text = await messageOf(
      create(`{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { ${spec} } }`),
    )
    expect(text).toBe(`Pod "p" is invalid: ${message}`)
  })

  it('tells every problem at once', async () => {
    const text = await messageOf(
      create(
        '{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a }], dnsPolicy: X } }',
      ),
    )
    expect(text).toBe(
      'Pod "p" is invalid: [spec.containers[0].image: Required value, spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]',
    )
  })

  it('lets only certain fields change', async () => {
    const pod = await create(nginxPod)
    const next = await update(pod, (copy) => {
      copy.spec.containers[0].image = 'nginx:1.29'
      copy.spec.activeDeadlineSeconds = 60
      copy.spec.tolerations = [{ key: 'k', operator: 'Exists' }]
      copy.metadata.labels.more = 'yes'
    })
    expect(next.spec.containers[0].image).toBe('nginx:1.29')
    const refused = await messageOf(
      update(next, (copy) => {
        copy.spec.nodeName = 'n'
        copy.spec.hostNetwork = true
      }),
    )
    expect(refused).toContain(
      'Pod "nginx" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n',
    )
    expect(await messageOf(update(next, (copy) => void delete copy.spec.tolerations))).toContain(
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    )
    expect(
      await messageOf(update(next, (copy) => copy.spec.containers.push({ name: 'b', image: 'b' }))),
    ).toContain('spec.containers: Forbidden: pod updates may not add or remove containers')
  })

  it('is bound to a node once', async () => {
    await create(nginxPod)
    const binding = (node: string): KubeObject =>
      ({
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'nginx' },
        target: { kind: 'Node', name: node },
      }) as Any
    const ref = { namespace: 'default', name: 'nginx' }
    const options = { context, subresource: 'binding' }
    await registryOf('Pod').createSubresource(ref, binding('n1'), options)
    const pod: Any = (await registryOf('Pod').get('default', 'nginx')).object
    expect([pod.spec.nodeName, pod.metadata.generation]).toEqual(['n1', 1])
    expect(pod.status.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', observedGeneration: 1, lastTransitionTime: context.now },
    ])
    expect(await messageOf(registryOf('Pod').createSubresource(ref, binding('n2'), options))).toBe(
      'Operation cannot be fulfilled on pods/binding "nginx": pod nginx is already assigned to node "n1"',
    )
    expect(await messageOf(registryOf('Pod').createSubresource(ref, binding(''), options))).toBe(
      'Binding "nginx" is invalid: target.name: Required value',
    )
  })

  it('is deleted at once without a node, gracefully with one', () => {
    const { gracefulDeletion } = registryOf('Pod').definition
    const given = (spec: Any, phase = 'Running'): Any => ({
      metadata: { name: 'p' },
      spec,
      status: { phase },
    })
    const grace = (object: Any, requested?: number): number =>
      gracefulDeletion!.gracePeriodSeconds(object, requested)
    expect(grace(given({ terminationGracePeriodSeconds: 30 }))).toBe(0)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }))).toBe(30)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), 5)).toBe(5)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), 0)).toBe(0)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }, 'Succeeded'))).toBe(0)
  })
})

describe('Deployment and ReplicaSet', () => {
  it('gets defaults and shows its columns', async () => {
    const deployment = await create(myApp)
    expect(deployment.spec).toMatchObject({
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    })
    expect(deployment.spec.template.spec.enableServiceLinks).toBeUndefined()
    expect(row(deployment)).toBe('my-app 0/3 0 0 5m | app my-app:1.0 app=my-app')
    const plain = await create(
      myApp.replace('name: my-app }', 'name: plain }').replace(/ {2}strategy.*\n/, ''),
    )
    expect(plain.spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    })
  })

  it('counts a generation for spec and annotations, not for labels or status', async () => {
    const first = await create(myApp)
    const labelled = await update(first, (copy) => (copy.metadata.labels = { a: 'b' }))
    const scaled = await update(labelled, (copy) => (copy.spec.replicas = 5))
    const reported = await update(
      scaled,
      (copy) => (copy.status = { replicas: 5, readyReplicas: 2 }),
      'status',
    )
    const annotated = await update(reported, (copy) => (copy.metadata.annotations = { a: 'b' }))
    expect([first, labelled, scaled, reported, annotated].map((one) => one.metadata.generation)).toEqual([
      1, 1, 2, 2, 3,
    ])
    expect(row(annotated)).toContain('my-app 2/5')
  })

  it.each([
    [
      '  selector: { matchLabels: { app: my-app } }',
      '  selector: { matchLabels: { app: other } }',
      'spec.template.metadata.labels: Invalid value: {"app":"my-app"}: `selector` does not match template `labels`',
    ],
    [
      'maxSurge: 1,',
      'maxSurge: 0,',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      'type: RollingUpdate,',
      'type: Recreate,',
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      'maxSurge: 1,',
      'maxSurge: lots,',
      `[spec.strategy.rollingUpdate.maxSurge: Invalid value: "lots": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%'), spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0]`,
    ],
    ['replicas: 3', 'replicas: -1', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      '    spec:\n',
      '    spec:\n      restartPolicy: Never\n',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ])('refuses %j in place of %j', async (from, to, message) => {
    expect(await messageOf(create(myApp.replace(from, to)))).toBe(
      `Deployment.apps "my-app" is invalid: ${message}`,
    )
  })

  it('keeps its selector', async () => {
    const deployment = await create(myApp)
    const refused = update(deployment, (copy) => {
      copy.spec.selector.matchLabels.more = 'x'
      copy.spec.template.metadata.labels.more = 'x'
    })
    expect(await messageOf(refused)).toBe(
      'Deployment.apps "my-app" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"my-app","more":"x"}}: field is immutable',
    )
  })

  it('scales', async () => {
    const set = await create(myApp.replace('Deployment', 'ReplicaSet').replace(/ {2}strategy.*\n/, ''))
    expect(set.status).toEqual({ replicas: 0 })
    expect(row(set)).toBe('my-app 3 0 0 5m | app my-app:1.0 app=my-app')
    const scale: Any = (await registryOf('ReplicaSet').get('default', 'my-app', { subresource: 'scale' }))
      .object
    expect([scale.spec.replicas, scale.status.selector]).toEqual([3, 'app=my-app'])
  })
})

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
    const given: Any = structuredClone(service)
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
    expect(await messageOf(create(myService.replace('my-app-service', '1st')))).toContain(
      `metadata.name: Invalid value: "1st": a DNS-1035 label must consist of`,
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
    const deleted = await registryOf('Namespace').delete(ref, {}, { context })
    expect(deleted.gone).toBe(false)
    expect((deleted.object as Any).status.phase).toBe('Terminating')
    await update(deleted.object, (copy) => (copy.spec.finalizers = []), 'finalize')
    expect(await messageOf(registryOf('Namespace').get(undefined, 'dev'))).toBe('namespaces "dev" not found')
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
    const { selectableFields } = registryOf('Event').definition
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
