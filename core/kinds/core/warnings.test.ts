import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

/** The warnings that come with the creation of what the YAML says. */
async function warningsOf(yaml: string): Promise<string[]> {
  await kinds.create(yaml)
  return kinds.warnings.splice(0)
}

const podSpec = `
  terminationGracePeriodSeconds: -1
  nodeSelector: { beta.kubernetes.io/os: linux }
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: failure-domain.beta.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway }]
  hostAliases: [{ ip: 10.0.0.1 }, { ip: 10.0.0.1 }]
  imagePullSecrets: [{ name: "" }]
  volumes: [{ name: g, gitRepo: { repository: r } }]
  containers:
    - name: c
      image: i
      resources: { limits: { memory: 100m } }
      env: [{ name: A, value: x }, { name: A, value: "$(A):y" }, { name: A, value: z }]
      ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 1, hostIP: 10.0.0.1 }, { containerPort: 80, hostPort: 1 }, { containerPort: 81, hostIP: 10.0.0.1 }]
`

function specWarnings(prefix: string): string[] {
  const spec = `${prefix}spec`
  return [
    `${spec}.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead`,
    `${spec}.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead`,
    `${spec}.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod`,
    `${spec}.volumes[0].gitRepo: deprecated in v1.11`,
    `${spec}.hostAliases[1].ip: duplicate ip "10.0.0.1"`,
    `${spec}.imagePullSecrets[0].name: invalid empty name ""`,
    `${spec}.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer`,
    `${spec}.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply`,
    `${spec}.containers[0].ports[1]: overlapping port definition with ${spec}.containers[0].ports[0]`,
    `${spec}.containers[0].ports[2]: overlapping port definition with ${spec}.containers[0].ports[0]`,
    `${spec}.containers[0].ports[2]: dangerously ambiguous port definition with ${spec}.containers[0].ports[1]`,
    `${spec}.containers[0].ports[3]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:10.0.0.1}`,
    `${spec}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
  ]
}

describe('warnings', () => {
  it('of a pod, when it is created', async () => {
    const yaml = `apiVersion: v1\nkind: Pod\nmetadata: { name: a.b }\nspec:${podSpec}`
    const pod = await kinds.create(yaml)
    expect(kinds.warnings.splice(0)).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
      // All but the last: the grace period of a pod is made good before anybody looks at it.
      ...specWarnings('')
        .slice(0, -1)
        .toSpliced(
          7,
          0,
          'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
        ),
    ])
    await kinds.update(pod, ({ metadata }) => (metadata.labels = { a: 'b' }))
    expect(kinds.warnings).toEqual([])
  })

  it('of a template, when its workload is created and when its spec changes', async () => {
    const template = `{ metadata: { labels: { a: b } }, spec: ${JSON.stringify(parse(podSpec))} }`
    const controller = await kinds.create(
      `{ apiVersion: v1, kind: ReplicationController, metadata: { name: rc }, spec: { template: ${template} } }`,
    )
    expect(kinds.warnings.splice(0)).toEqual(specWarnings('spec.template.'))
    const labelled = await kinds.update(controller, ({ metadata }) => (metadata.labels = { c: 'd' }))
    expect(kinds.warnings.splice(0)).toEqual([])
    const scaled = await kinds.update(labelled, ({ spec }) => (spec.replicas = 2))
    expect(kinds.warnings.splice(0)).toEqual(specWarnings('spec.template.'))
    // As upstream, a change warns of the template that was there, not of the one that comes.
    const { template: bad } = scaled.spec
    const good = await kinds.update(scaled, ({ spec }) => {
      const [{ name, image }] = spec.template.spec.containers
      spec.template.spec = { containers: [{ name, image }] }
    })
    expect(kinds.warnings.splice(0)).toEqual(specWarnings('spec.template.'))
    await kinds.update(good, ({ spec }) => (spec.template = bad))
    expect(kinds.warnings).toEqual([])
  })

  it('of a TLS secret whose certificate and key make no pair, at each write', async () => {
    const no = 'tls: failed to find any PEM data in certificate input'
    const secret = await kinds.create(
      '{ apiVersion: v1, kind: Secret, metadata: { name: s }, type: kubernetes.io/tls, stringData: { tls.crt: a, tls.key: b } }',
    )
    expect(kinds.warnings.splice(0)).toEqual([no])
    await kinds.update(secret, ({ metadata }) => (metadata.labels = { a: 'b' }))
    expect(kinds.warnings.splice(0)).toEqual([no])
    expect(
      await warningsOf('{ apiVersion: v1, kind: Secret, metadata: { name: t }, stringData: { tls.crt: a } }'),
    ).toEqual([])
  })

  it('of a CSI driver that gets tokens and does not say where', async () => {
    const unset =
      'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'
    const driver = await kinds.create(
      '{ apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: { name: d }, spec: { tokenRequests: [{ audience: a }] } }',
    )
    expect(kinds.warnings.splice(0)).toEqual([unset])
    const changed = await kinds.update(driver, ({ spec }) => (spec.podInfoOnMount = true))
    expect(kinds.warnings.splice(0)).toEqual([])
    const more = await kinds.update(changed, ({ spec }) => spec.tokenRequests.push({ audience: 'b' }))
    expect(kinds.warnings.splice(0)).toEqual([unset])
    const said = await kinds.update(more, ({ spec }) => {
      spec.tokenRequests.push({ audience: 'c' })
      spec.serviceAccountTokenInSecrets = false
    })
    expect(kinds.warnings.splice(0)).toEqual([])
    await kinds.update(said, ({ spec }) => {
      delete spec.tokenRequests
      delete spec.serviceAccountTokenInSecrets
    })
    expect(kinds.warnings).toEqual([])
  })

  it('of a Service', async () => {
    const spec =
      '{ clusterIP: None, clusterIPs: [None], externalIPs: [192.0.2.1], sessionAffinity: ClientIP, externalName: x, trafficDistribution: PreferClose }'
    const metadata = '{ name: s, annotations: { service.kubernetes.io/topology-aware-hints: Auto } }'
    expect(
      await warningsOf(`{ apiVersion: v1, kind: Service, metadata: ${metadata}, spec: ${spec} }`),
    ).toEqual([
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ])
  })

  it('of a claim', async () => {
    const annotation = 'volume.beta.kubernetes.io/storage-class'
    const spec = '{ accessModes: [ReadWriteOnce], resources: { requests: { storage: 1500m } } }'
    expect(
      await warningsOf(
        `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c, annotations: { ${annotation}: a } }, spec: ${spec} }`,
      ),
    ).toEqual([
      `metadata.annotations[${annotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ])
  })
})

describe('LimitRange', () => {
  it('gets a name where it has none', async () => {
    const made = await kinds.create(
      '{ apiVersion: v1, kind: LimitRange, metadata: {}, spec: { limits: [] } }',
    )
    expect(made.metadata.name).toMatch(/^[0-9a-f-]{36}$/)
  })
})
