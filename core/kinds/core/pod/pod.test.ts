import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../api/meta.ts'
import { messageOf, type AnyObject } from '../../testing/test-kinds.ts'
import { useKinds } from '../../testing/use-kinds.ts'

const { create, update, row, resource, context } = useKinds()

const nginxPod = `
apiVersion: v1
kind: Pod
metadata: { labels: { run: nginx }, name: nginx }
spec:
  containers:
    - { image: nginx, name: nginx }
`

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
      }) as AnyObject
    const ref = { namespace: 'default', name: 'nginx' }
    const options = { context: context(), subresource: 'binding' }
    await resource('Pod').createSubresource(ref, binding('n1'), options)
    const pod: AnyObject = (await resource('Pod').get('default', 'nginx')).object
    expect([pod.spec.nodeName, pod.metadata.generation]).toEqual(['n1', 1])
    expect(pod.status.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastTransitionTime: context().now },
    ])
    expect(await messageOf(resource('Pod').createSubresource(ref, binding('n2'), options))).toBe(
      'Operation cannot be fulfilled on pods/binding "nginx": pod nginx is already assigned to node "n1"',
    )
    expect(await messageOf(resource('Pod').createSubresource(ref, binding(''), options))).toBe(
      'target.name: Required value',
    )
  })

  it('is deleted at once without a node, gracefully with one', () => {
    const { gracefulDeletion } = resource('Pod').definition
    const given = (spec: AnyObject, phase = 'Running'): AnyObject => ({
      metadata: { name: 'p' },
      spec,
      status: { phase },
    })
    const grace = (object: AnyObject, requested?: number): number =>
      gracefulDeletion!.gracePeriodSeconds(object, requested)
    expect(grace(given({ terminationGracePeriodSeconds: 30 }))).toBe(0)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }))).toBe(30)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), 5)).toBe(5)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), 0)).toBe(0)
    expect(grace(given({ nodeName: 'n', terminationGracePeriodSeconds: 30 }, 'Succeeded'))).toBe(0)
  })
})
