import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { StatusError, type Status } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'

const configMapRules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
]
const limits: Resource<KubeObject> = {
  group: 'rules.example.com',
  version: 'v1',
  resource: 'limits',
  kind: 'Limit',
  namespaced: true,
}

async function statusOf(work: Promise<unknown>): Promise<Partial<Status>> {
  try {
    await work
  } catch (error) {
    if (error instanceof StatusError) return error.status
    throw error
  }
  return { message: 'allowed' }
}
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const { code, message } = await statusOf(work)
  return code === undefined ? message! : `${code} ${message}`
}

describe('validating admission policies of an API server', () => {
  const directory = mkdtempSync(join(tmpdir(), 'policies-'))
  let served: ServedControlPlane
  let client: Client
  let names = 0

  beforeAll(async () => {
    const policyFile = join(directory, 'policy.yaml')
    writeFileSync(policyFile, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n')
    served = await serveControlPlane({
      audit: { policyFile, logPath: join(directory, 'audit.log'), maxSizeMegabytes: 10, maxBackups: 1 },
    })
    ;({ client } = served)
  })
  afterAll(async () => {
    await served[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })
  afterEach(async () => {
    await client.deleteCollection(resources.validatingAdmissionPolicyBindings, {})
    await client.deleteCollection(resources.validatingAdmissionPolicies, {})
    await client.list(resources.validatingAdmissionPolicies)
  })

  /** Puts a policy in force for configmaps; waits until it is. */
  async function enforce(spec: object, binding: object = {}): Promise<void> {
    const marker = `marker-${++names}`
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: { matchConstraints: { resourceRules: configMapRules }, ...spec },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: 'b' },
      spec: { policyName: 'p', validationActions: ['Deny'], ...binding },
    } as Json)
    // A policy of its own, written last, shows that what came before is seen.
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: marker },
      spec: {
        matchConstraints: { resourceRules: configMapRules },
        matchConditions: [{ name: 'marker', expression: `object.metadata.name == '${marker}'` }],
        validations: [{ expression: 'false', message: 'seen' }],
      },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: marker },
      spec: { policyName: marker, validationActions: ['Deny'] },
    } as Json)
    await waitFor(async () => {
      const said = await refusal(
        client.create(resources.configMaps, configMap({ name: marker }), { dryRun: true }),
      )
      return said.includes(': seen') || said.includes("'p'") ? true : undefined
    })
  }
  const configMap = (metadata: object = {}, data: object = { a: '1' }): Json => ({
    metadata: { name: `c${++names}`, namespace: 'default', ...metadata },
    data,
  })
  const create = (metadata?: object, data?: object): Promise<unknown> =>
    client.create(resources.configMaps, configMap(metadata, data))

  it('denies in the name of policy and binding, with the code of the reason', async () => {
    await enforce({
      validations: [
        { expression: "object.metadata.name != 'one'" },
        { expression: "object.metadata.name != 'two'", message: ' not two ', reason: 'Forbidden' },
        {
          expression: "object.metadata.name != 'three'",
          message: 'unused',
          messageExpression: "'not ' + object.metadata.name",
          reason: 'Unauthorized',
        },
        { expression: "object.metadata.name != 'four'", message: 'four', messageExpression: "'a\\nb'" },
        { expression: "object.metadata.name != 'five' || object.data.none == ''" },
        { expression: "object.metadata.name != 'six'", reason: 'RequestEntityTooLarge' },
      ],
    })
    const denied = (name: string): string =>
      `configmaps "${name}" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request:`
    expect(await statusOf(create({ name: 'one' }))).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: `${denied('one')} failed expression: object.metadata.name != 'one'`,
      reason: 'Invalid',
      code: 422,
      details: {
        name: 'one',
        kind: 'configmaps',
        causes: [
          {
            message:
              "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.metadata.name != 'one'",
          },
        ],
      },
    })
    expect(await refusal(create({ name: 'two' }))).toBe(`403 ${denied('two')} not two`)
    expect(await refusal(create({ name: 'three' }))).toBe(`401 ${denied('three')} not three`)
    expect(await refusal(create({ name: 'four' }))).toBe(`422 ${denied('four')} four`)
    expect(await refusal(create({ name: 'five' }))).toBe(
      `422 ${denied('five')} expression 'object.metadata.name != 'five' || object.data.none == ''' resulted in error: no such key: none`,
    )
    expect(await refusal(create({ name: 'six' }))).toContain('413 ')
    expect(await refusal(create({ name: 'seven' }))).toBe('allowed')
  })

  it('knows the request, the old object, the namespace, variables and the authorizer', async () => {
    await enforce({
      variables: [
        { name: 'size', expression: 'size(object.data)' },
        { name: 'isBig', expression: 'variables.size > 2' },
        { name: 'unused', expression: 'object.never.there' },
      ],
      validations: [
        { expression: '!variables.isBig', messageExpression: "'has %d'.format([variables.size])" },
        { expression: "namespaceObject.metadata.name == 'default' && has(namespaceObject.metadata.labels)" },
        { expression: "request.userInfo.username == 'anna' && request.resource.resource == 'configmaps'" },
        { expression: "authorizer.requestResource.check('create').allowed()" },
        {
          expression:
            "!authorizer.serviceAccount('x', 'y').group('').resource('pods').check('get').allowed()",
        },
        { expression: 'oldObject == null || oldObject.data.a == object.data.a', message: 'a is fixed' },
      ],
    })
    expect(await refusal(create({}, { a: '1', b: '2', c: '3' }))).toContain('denied request: has 3')
    const made = (await client.create(resources.configMaps, configMap())) as Json
    expect(await refusal(client.update(resources.configMaps, { ...made, data: { a: '2' } }))).toContain(
      'denied request: a is fixed',
    )
    expect(await refusal(client.update(resources.configMaps, { ...made, data: { a: '1', b: '2' } }))).toBe(
      'allowed',
    )
  })

  it('leaves out by matchResources, excluded rules, resource names and selectors', async () => {
    const never = { validations: [{ expression: 'false', message: 'no' }] }
    await enforce(
      {
        ...never,
        matchConstraints: {
          resourceRules: configMapRules,
          excludeResourceRules: [{ ...configMapRules[0], resourceNames: ['free'] }],
        },
      },
      {
        matchResources: {
          objectSelector: { matchLabels: { strict: 'yes' } },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        },
      },
    )
    const labels = { strict: 'yes' }
    expect(await refusal(create({ labels }))).toContain('denied request: no')
    expect(await refusal(create({ labels, name: 'free' }))).toBe('allowed')
    expect(await refusal(create({ labels, namespace: 'kube-public' }))).toBe('allowed')
    expect(await refusal(create())).toBe('allowed')
  })

  it('warns and audits as the binding says, without denying', async () => {
    await enforce(
      {
        validations: [{ expression: "object.metadata.name != 'odd'", message: 'is odd' }],
        auditAnnotations: [{ key: 'name', valueExpression: "'saw ' + object.metadata.name" }],
      },
      { validationActions: ['Warn', 'Audit'] },
    )
    const path = '/api/v1/namespaces/default/configmaps'
    const { code, warnings } = await served.post(path, configMap({ name: 'odd' }))
    expect([code, warnings]).toEqual([
      201,
      `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': is odd"`,
    ])
    const annotations = await waitFor(() => {
      const events = readFileSync(join(directory, 'audit.log'), 'utf8').split('\n').slice(0, -1)
      return events
        .map((line) => (JSON.parse(line) as Json).annotations)
        .find((found) => found?.['p/name'] === 'saw odd')
    })
    expect(annotations).toMatchObject({ 'p/name': 'saw odd' })
    expect(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure'])).toEqual([
      {
        message: 'is odd',
        policy: 'p',
        binding: 'b',
        expressionIndex: 0,
        validationActions: ['Warn', 'Audit'],
      },
    ])
  })

  it('finds parameters by name, by selector and in the namespace of the request', async () => {
    await client.create(
      resources.configMaps,
      configMap({ name: 'limit-a', labels: { limit: 'x' } }, { max: '2' }),
    )
    await client.create(
      resources.configMaps,
      configMap({ name: 'limit-b', labels: { limit: 'x' } }, { max: '1' }),
    )
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [
        {
          expression: 'params == null || string(size(object.data)) <= params.data.max',
          messageExpression: "'more than ' + params.data.max",
        },
      ],
    }
    const two = { a: '1', b: '2' }
    await enforce(spec, { paramRef: { name: 'limit-b', parameterNotFoundAction: 'Deny' } })
    expect(await refusal(create({}, two))).toContain('denied request: more than 1')
    expect(await refusal(create())).toBe('allowed')
    const where =
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    expect(await refusal(create({ namespace: 'kube-public' }))).toContain(`denied request: ${where}`)
    await rebind({
      selector: { matchLabels: { limit: 'x' } },
      namespace: 'default',
      parameterNotFoundAction: 'Allow',
    })
    await waitFor(async () =>
      (await refusal(create({ namespace: 'kube-public' }))) === 'allowed' ? true : undefined,
    )
    expect(await refusal(create({}, two))).toContain('denied request: more than 1')
    expect(await refusal(create({}, { ...two, c: '3' }))).toContain('denied request: more than 2')
    await rebind({ name: 'nobody', parameterNotFoundAction: 'Allow' })
    await waitFor(async () => ((await refusal(create({}, two))) === 'allowed' ? true : undefined))
  })

  async function rebind(paramRef: object): Promise<void> {
    const binding = await client.get(resources.validatingAdmissionPolicyBindings, { name: 'b' })
    await client.update(resources.validatingAdmissionPolicyBindings, {
      ...binding,
      spec: { ...binding.spec, paramRef },
    } as Json)
  }

  it('takes custom resources as parameters, and says when nothing serves their kind', async () => {
    await enforce(
      {
        paramKind: { apiVersion: 'rules.example.com/v1', kind: 'Limit' },
        validations: [{ expression: 'size(object.data) <= params.spec.max' }],
      },
      { paramRef: { name: 'own', parameterNotFoundAction: 'Deny' } },
    )
    expect(await refusal(create())).toContain(
      "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=Limit'",
    )
    await client.create(resources.customResourceDefinitions, {
      metadata: { name: 'limits.rules.example.com' },
      spec: {
        group: 'rules.example.com',
        names: { plural: 'limits', kind: 'Limit' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { max: { type: 'integer' } } } },
              },
            },
          },
        ],
      },
    } as Json)
    const crd = await client.get(resources.customResourceDefinitions, { name: 'limits.rules.example.com' })
    const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }))
    await client.updateStatus(resources.customResourceDefinitions, {
      ...crd,
      status: { conditions, acceptedNames: crd.spec.names, storedVersions: ['v1'] },
    } as Json)
    const limit = { metadata: { name: 'own', namespace: 'default' }, spec: { max: 1 } }
    await waitFor(async () => {
      const said = await refusal(client.create(limits, limit))
      return said === 'allowed' || said.startsWith('409') ? true : undefined
    })
    expect(await refusal(create())).toBe('allowed')
    expect(await refusal(create({}, { a: '1', b: '2' }))).toContain(
      'failed expression: size(object.data) <= params.spec.max',
    )
  })

  it('goes on without a policy that cannot be evaluated under failurePolicy Ignore', async () => {
    await enforce({
      failurePolicy: 'Ignore',
      validations: [
        { expression: "object.data.none == ''" },
        { expression: "object.metadata.name != 'still'", message: 'but this' },
      ],
    })
    expect(await refusal(create())).toBe('allowed')
    expect(await refusal(create({ name: 'still' }))).toContain('but this')
  })

  it('stops a policy that costs too much', async () => {
    const all = 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))'
    await enforce({
      variables: [{ name: 'all', expression: all }],
      validations: [{ expression: 'variables.all' }],
    })
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v']))
    expect(await refusal(create({}, data))).toContain(
      `composited variable "all" fails to evaluate: operation cancelled: actual cost limit exceeded`,
    )
  })

  it('never stands between an administrator and policies themselves', async () => {
    const everything = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }]
    await enforce({ matchConstraints: { resourceRules: everything }, validations: [{ expression: 'false' }] })
    expect(await refusal(create())).toContain('failed expression: false')
    expect(await refusal(client.delete(resources.validatingAdmissionPolicies, { name: 'p' }))).toBe('allowed')
  })
})

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
    expect(await statusOf(create({ name: 'x' }))).toMatchObject({
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
