import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { refusal, refusedStatus } from './testing/refusal.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'

describe('mutating admission policies of an API server', () => {
  let served: ServedControlPlane
  let client: Client
  let names = 0

  beforeAll(async () => {
    served = await serveControlPlane()
    ;({ client } = served)
    await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  })
  afterAll(() => served[Symbol.asyncDispose]())
  afterEach(async () => {
    await client.deleteCollection(resources.mutatingAdmissionPolicyBindings, {})
    await client.deleteCollection(resources.mutatingAdmissionPolicies, {})
  })

  const apply = (expression: string): object => ({
    patchType: 'ApplyConfiguration',
    applyConfiguration: { expression },
  })
  const patch = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

  async function register(name: string, mutations: object[], spec: object = {}): Promise<void> {
    await client.create(resources.mutatingAdmissionPolicies, {
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['configmaps', 'pods'],
            },
          ],
        },
        reinvocationPolicy: 'Never',
        mutations,
        ...spec,
      },
    } as Json)
    await client.create(resources.mutatingAdmissionPolicyBindings, {
      metadata: { name },
      spec: { policyName: name },
    } as Json)
  }
  /** Waits until what was registered before is in force: a policy that is last by name marks what it sees. */
  async function settle(): Promise<void> {
    await register('z-marker', [apply('Object{metadata: Object.metadata{labels: {"marked": "yes"}}}')])
    await waitFor(async () => {
      const made = await client
        .create(resources.configMaps, configMap(), { dryRun: true })
        .catch(() => undefined)
      return made === undefined || made.metadata.labels?.marked ? true : undefined
    })
  }
  const configMap = (metadata: object = {}): Json => ({
    metadata: { name: `m${++names}`, namespace: 'default', ...metadata },
    data: { a: '1' },
  })
  const create = async (metadata?: object): Promise<Json> =>
    client.create(resources.configMaps, configMap(metadata))

  it('merges apply configurations, lists by their keys', async () => {
    await register(
      'a',
      [
        apply(`Object{
        spec: Object.spec{
          initContainers: [
            Object.spec.initContainers{
              name: "proxy",
              image: "proxy:1",
              env: [Object.spec.initContainers.env{name: "A", value: string(size(object.spec.containers))}],
              restartPolicy: "Always"
            }
          ],
          containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: "Never"})
        }
      }`),
      ],
      { matchConditions: [{ name: 'pods', expression: "request.kind.kind == 'Pod'" }] },
    )
    await settle()
    const pod = (await client.create(resources.pods, {
      metadata: { name: 'p', namespace: 'default' },
      spec: {
        serviceAccountName: 'default',
        containers: [
          { name: 'c', image: 'i' },
          { name: 'd', image: 'j' },
        ],
      },
    } as Json)) as Json
    const { initContainers, containers } = pod.spec
    expect(initContainers).toMatchObject([
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always', env: [{ name: 'A', value: '2' }] },
    ])
    expect(containers).toMatchObject([
      { name: 'c', image: 'i', imagePullPolicy: 'Never' },
      { name: 'd', image: 'j', imagePullPolicy: 'Never' },
    ])
  })

  it('applies JSON patches with variables, each mutation to what those before made', async () => {
    await register(
      'a',
      [
        patch(`[
        JSONPatch{op: "test", path: "/data/a", value: "1"},
        JSONPatch{op: "add", path: "/metadata/labels", value: {"count": variables.count}},
        JSONPatch{op: "add", path: "/metadata/annotations", value: {}},
        JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("x.io/y"), value: "z"}
      ]`),
        patch('[JSONPatch{op: "add", path: "/data/labels", value: object.metadata.labels.count}]'),
        patch(
          '[JSONPatch{op: "test", path: "/data/a", value: "2"}, JSONPatch{op: "remove", path: "/data/a"}]',
        ),
      ],
      { variables: [{ name: 'count', expression: 'string(size(object.data))' }] },
    )
    await settle()
    expect(await create()).toMatchObject({
      metadata: { labels: { count: '1' }, annotations: { 'x.io/y': 'z' } },
      data: { a: '1', labels: '1' },
    })
  })

  it('asks a policy again when another changed the object after it', async () => {
    const counted = patch(
      '[JSONPatch{op: "add", path: "/data/seen", value: (has(object.data.seen) ? object.data.seen : "") + string(size(object.data))}]',
    )
    await register('a', [counted], { reinvocationPolicy: 'IfNeeded' })
    await register('b', [patch('[JSONPatch{op: "add", path: "/data/b", value: "2"}]')])
    await settle()
    expect(await create()).toMatchObject({ data: { a: '1', b: '2', seen: '13' } })
  })

  it('refuses in the name of policy and binding, and leaves alone under failurePolicy Ignore', async () => {
    const wrongName = 'Object{metadata: Object.spec{labels: {"a": "b"}}}'
    await register('a', [apply(wrongName)])
    await settle()
    expect(await refusedStatus(create({ name: 'x' }))).toMatchObject({
      code: 403,
      reason: 'Invalid',
      message:
        'policy \'a\' with binding \'a\' denied request: type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type',
    })
    await client.delete(resources.mutatingAdmissionPolicies, { name: 'a' })
    await register('b', [patch('[JSONPatch{op: "remove", path: "/data/none"}]')])
    await waitFor(async () => ((await refusal(create())).includes("'b'") ? true : undefined))
    expect(await refusal(create())).toContain("403 policy 'b' with binding 'b' denied request: JSONPath: ")
    await client.delete(resources.mutatingAdmissionPolicies, { name: 'b' })
    await register('c', [apply('Object{metadata: Object.metadata{name: object.data.none}}')], {
      failurePolicy: 'Ignore',
    })
    await waitFor(async () => ((await refusal(create())) === 'allowed' ? true : undefined))
    expect(await create()).toMatchObject({ data: { a: '1' } })
  })

  it('refuses a configuration that would replace a list as a whole', async () => {
    await register(
      'a',
      [apply('Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: "x"}]}}')],
      {
        matchConditions: [{ name: 'pods', expression: "request.kind.kind == 'Pod'" }],
      },
    )
    await settle()
    const pod = {
      metadata: { name: 't', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    expect(await refusal(client.create(resources.pods, pod as Json))).toBe(
      "403 policy 'a' with binding 'a' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.tolerations",
    )
  })
})
