import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../api/meta.ts'
import { refusal } from '../cluster/testing/refusal.ts'
import type { Registry } from '../registry/registry.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { storageKey, type Store } from '../storage/store.ts'
import { createTestRegistry, testContext } from './testing/test-registry.ts'

let store: Store
let registry: Registry
beforeEach(() => {
  store = createMemoryStore()
  registry = createTestRegistry({ store })
})

const context = testContext()
const badSelector = '{ matchExpressions: [{ key: a, operator: In, values: ["not a value"] }] }'

/** Stores an object as an older version may have accepted it, and gives how an update with this change is answered. */
async function update(resource: string, yaml: string, change: object): Promise<string> {
  const [group = '', version = '', plural = ''] = resource.split('/')
  const target = registry.resource(group, version, plural)!
  const { namespaced } = target.definition
  const namespace = namespaced ? 'default' : undefined
  const stored = parse(yaml) as KubeObject
  const { kind } = target.definition
  Object.assign(stored, { kind, apiVersion: group ? `${group}/${version}` : version })
  Object.assign(stored.metadata, {
    uid: 'u',
    creationTimestamp: context.now,
    ...(namespace && { namespace }),
  })
  target.definition.default?.(stored)
  await store.create(storageKey({ group, resource: plural, namespaced }, namespace, 'o'), stored)
  const write = target.patch({ namespace, name: 'o' }, { type: 'merge', patch: change }, { context })
  return refusal(write)
}
const labels = { metadata: { labels: { x: 'y' } } }

describe('what is stored already', () => {
  it.each([
    ['/v1/endpoints', '{ metadata: { name: o }, subsets: [{ addresses: [{ ip: 010.0.0.1 }] }] }'],
    ['/v1/nodes', '{ metadata: { name: o }, spec: { podCIDR: 010.0.0.0/8, podCIDRs: [010.0.0.0/8] } }'],
    [
      '/v1/services',
      '{ metadata: { name: o }, spec: { type: ClusterIP, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{ port: 80, protocol: TCP, targetPort: 80 }], sessionAffinity: None, internalTrafficPolicy: Cluster, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, externalIPs: [010.0.0.1] } }',
    ],
    [
      'discovery.k8s.io/v1/endpointslices',
      '{ metadata: { name: o }, addressType: IPv4, ports: [], endpoints: [{ addresses: [010.0.0.1] }] }',
    ],
    [
      'policy/v1/poddisruptionbudgets',
      `{ metadata: { name: o }, spec: { minAvailable: 1, selector: ${badSelector} } }`,
    ],
    [
      'networking.k8s.io/v1/networkpolicies',
      `{ metadata: { name: o }, spec: { podSelector: ${badSelector} } }`,
    ],
    [
      'networking.k8s.io/v1/ingresses',
      '{ metadata: { name: o }, spec: { defaultBackend: { service: { name: s, port: { number: 80 } } }, tls: [{ secretName: Not_Valid }] } }',
    ],
    [
      'batch/v1/cronjobs',
      '{ metadata: { name: o }, spec: { schedule: "* * * * *", timeZone: No/Where, jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } } } } } }',
    ],
    [
      'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      '{ metadata: { name: o }, webhooks: [{ name: a.b.c, sideEffects: Some, admissionReviewVersions: [v0], clientConfig: { url: "https://x" } }] }',
    ],
    [
      'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
      '{ metadata: { name: o }, spec: { matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods] }] }, validations: [{ expression: "gone(1)" }] } }',
    ],
  ])('is tolerated in %s', async (resource, yaml) => {
    expect(await update(resource, yaml, labels)).toBe('allowed')
  })

  it('is tolerated where it stands, and nothing new beside it', async () => {
    const yaml = '{ metadata: { name: o }, subsets: [{ addresses: [{ ip: 010.0.0.1 }] }] }'
    const change = {
      subsets: [{ addresses: [{ ip: '10.0.0.9' }, { ip: '010.0.0.1' }, { ip: '010.0.0.2' }] }],
    }
    const answer = await update('/v1/endpoints', yaml, change)
    expect(answer).toContain(
      'subsets[0].addresses[2].ip: Invalid value: "010.0.0.2": must not have leading 0s',
    )
    expect(answer).not.toContain('addresses[1]')
  })

  it('is not tolerated where upstream does not', async () => {
    const yaml = '{ metadata: { name: o }, spec: { minAvailable: -1, selector: { matchLabels: { a: b } } } }'
    expect(await update('policy/v1/poddisruptionbudgets', yaml, labels)).toMatch(
      /^422 .*spec.minAvailable: Invalid value: -1/,
    )
  })
})
