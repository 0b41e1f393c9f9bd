import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import { refusal } from './testing/refusal.ts'
import {
  patchWith,
  reviewOf,
  startWebhookServer,
  type Json,
  type WebhookServer,
} from './testing/webhook-server.ts'

const configMapRule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['*'],
  resources: ['configmaps'],
}

describe('admission webhooks of an API server', () => {
  let served: ServedControlPlane
  let client: Client
  let hooks: WebhookServer
  let names = 0

  beforeAll(async () => {
    served = await serveControlPlane()
    ;({ client } = served)
  })
  afterAll(() => served[Symbol.asyncDispose]())
  beforeEach(async () => {
    hooks = await startWebhookServer({ dnsNames: ['localhost', 'hook.web.svc'] })
  })
  afterEach(async () => {
    await client.deleteCollection(resources.mutatingWebhookConfigurations, {})
    await client.deleteCollection(resources.validatingWebhookConfigurations, {})
    const { validating, mutating } = await settle()
    expect([validating, mutating]).toEqual([[], []])
    await hooks[Symbol.asyncDispose]()
  })

  /** Registration travels by watch; what is registered last is there when a write in its own corner shows it. */
  async function settle(): Promise<{ validating: unknown[]; mutating: unknown[] }> {
    const [validating, mutating] = await Promise.all([
      client.list(resources.validatingWebhookConfigurations),
      client.list(resources.mutatingWebhookConfigurations),
    ])
    await new Promise((resolve) => setImmediate(resolve))
    return { validating: validating.items, mutating: mutating.items }
  }

  function webhook(name: string, path: string, change: object = {}): Json {
    return {
      name,
      clientConfig: { url: `${hooks.url}${path}`, caBundle: hooks.caBundle },
      rules: [configMapRule],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...change,
    }
  }

  async function register(kind: 'mutating' | 'validating', name: string, webhooks: Json[]): Promise<void> {
    const resource =
      kind === 'mutating'
        ? resources.mutatingWebhookConfigurations
        : resources.validatingWebhookConfigurations
    await client.create(resource, { metadata: { name }, webhooks })
    await settle()
  }

  function configMap(change: object = {}): Json {
    return { metadata: { name: `c${++names}`, namespace: 'default', ...change }, data: { a: '1' } }
  }
  const createMap = (change?: object, dryRun = false): Promise<Json> =>
    client.create(resources.configMaps, configMap(change), { dryRun })

  it('sends upstream’s AdmissionReview for create, update, patch and delete, and obeys the answer', async () => {
    hooks.answers.set('/all', (body) => reviewOf(body, { warnings: ['careful'] }))
    await register('validating', 'all', [webhook('all.example.com', '/all')])
    const created = await client.create(resources.configMaps, configMap({ name: 'seen' }), {
      fieldManager: 'me',
    })
    await client.update(resources.configMaps, { ...created, data: { a: '2' } } as Json)
    const ref = { namespace: 'default', name: 'seen' }
    await client.patch(resources.configMaps, ref, { type: 'merge', body: { data: { b: '3' } } })
    await client.delete(resources.configMaps, ref, { gracePeriodSeconds: 0 })

    const [create, update, patch, remove] = hooks.requests.map(({ body }) => body.request)
    const { path, body } = hooks.requests[0]!
    expect(path).toBe('/all?timeout=10s')
    expect(body).toMatchObject({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' })
    expect(create).toEqual({
      uid: expect.any(String),
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'seen',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: {
        username: 'anna',
        groups: ['system:masters', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)],
        },
      },
      object: expect.objectContaining({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } }),
      oldObject: null,
      dryRun: false,
      options: {
        kind: 'CreateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: 'me',
        fieldValidation: 'Warn',
      },
    })
    expect(update).toMatchObject({
      operation: 'UPDATE',
      object: { data: { a: '2' } },
      oldObject: { data: { a: '1' } },
      options: { kind: 'UpdateOptions' },
    })
    expect(patch).toMatchObject({
      operation: 'UPDATE',
      object: { data: { a: '2', b: '3' } },
      options: { kind: 'PatchOptions' },
    })
    expect(remove).toMatchObject({
      operation: 'DELETE',
      name: 'seen',
      object: null,
      oldObject: { data: { a: '2', b: '3' } },
      options: { kind: 'DeleteOptions', gracePeriodSeconds: 0 },
    })
    expect(hooks.connections()).toBe(1)
  })

  it('calls a webhook only when all its match conditions are true', async () => {
    hooks.answers.set('/no', (body) => reviewOf(body, { allowed: false }))
    await register('validating', 'conditions', [
      webhook('conditions.example.com', '/no', {
        matchConditions: [
          { name: 'blue', expression: "object.metadata.?labels.colour.orValue('') == 'blue'" },
          {
            name: 'anna',
            expression: "request.userInfo.username == 'anna' && request.operation == 'CREATE'",
          },
          {
            name: 'may-delete',
            expression: "authorizer.group('').resource('configmaps').check('delete').allowed()",
          },
          {
            name: 'others',
            expression: "authorizer.serviceAccount('a', 'b').path('/x').check('get').allowed() == false",
          },
          {
            name: 'own',
            expression: "authorizer.requestResource.check('create').allowed() && oldObject == null",
          },
        ],
      }),
    ])
    const denied = '400 admission webhook "conditions.example.com" denied the request without explanation'
    expect(await refusal(createMap({ labels: { colour: 'blue' } }))).toBe(denied)
    expect(await refusal(createMap({ labels: { colour: 'red' } }))).toBe('allowed')
    expect(await refusal(createMap())).toBe('allowed')
    expect(hooks.requests).toHaveLength(1)
  })

  it('goes by failurePolicy when a condition cannot be told, unless another is false', async () => {
    const broken = { name: 'broken', expression: 'object.data.missing == "x"' }
    const onlyNamed = { name: 'named', expression: "object.metadata.name.startsWith('cond')" }
    await register('validating', 'errors', [
      webhook('fail.example.com', '/none', { matchConditions: [broken, onlyNamed] }),
    ])
    expect(await refusal(createMap())).toBe('allowed')
    expect(await refusal(createMap({ name: 'cond-1' }))).toBe(
      `403 configmaps "cond-1" is forbidden: expression 'object.data.missing == "x"' resulted in error: no such key: missing`,
    )
    await client.deleteCollection(resources.validatingWebhookConfigurations, {})
    await register('mutating', 'errors', [
      webhook('ignore.example.com', '/none', {
        failurePolicy: 'Ignore',
        matchConditions: [broken],
      }),
    ])
    expect(await refusal(createMap({ name: 'cond-2' }))).toBe('allowed')
    expect(hooks.requests).toEqual([])
  })

  it('stops conditions that cost too much', async () => {
    const all = 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))'
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v']))
    await register('validating', 'costly', [
      webhook('costly.example.com', '/none', { matchConditions: [{ name: 'all', expression: all }] }),
    ])
    const body = { metadata: { name: 'costly', namespace: 'default' }, data }
    expect(await refusal(client.create(resources.configMaps, body))).toBe(
      `403 configmaps "costly" is forbidden: expression '${all}' resulted in error: operation cancelled: actual cost limit exceeded`,
    )
  })

  it('refuses conditions that do not compile', async () => {
    const expressions = ['object.spec.', '1 + 1', 'params.a == 1']
    const matchConditions = expressions.map((expression, at) => ({ name: `c${at}`, expression }))
    const wrong = register('validating', 'wrong', [webhook('wrong.example.com', '/x', { matchConditions })])
    const said = await refusal(wrong)
    expect(said).toContain(
      'webhooks[0].matchConditions[0].expression: Invalid value: "object.spec.": compilation failed: ERROR: <input>:1:13: ',
    )
    expect(said).toContain(
      'webhooks[0].matchConditions[1].expression: Invalid value: "1 + 1": must evaluate to bool but got int',
    )
    expect(said).toContain("undeclared reference to 'params' (in container '')")
  })

  it('asks before a proxy connects, and about an eviction alone rather than what it does', async () => {
    hooks.answers.set('/no', (body) =>
      reviewOf(body, { allowed: false, status: { code: 403, message: 'no way' } }),
    )
    hooks.answers.set('/all', (body) => reviewOf(body, {}))
    const namespace = 'kube-public'
    await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] }
    const pod = { metadata: { name: 'evicted', namespace }, spec }
    await client.create(resources.pods, pod as Json)
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'] }
    await register('validating', 'connect', [
      webhook('no.example.com', '/no', {
        rules: [{ ...rule, resources: ['services/proxy', 'nodes/proxy'] }],
      }),
      webhook('all.example.com', '/all', {
        rules: [{ ...rule, resources: ['pods', 'pods/status', 'pods/eviction'] }],
      }),
    ])
    await waitFor(async () => {
      const { code } = await served.post(`/api/v1/namespaces/default/services/web:80/proxy/a/b?c=d`, {})
      return code === 403 || undefined
    })
    expect(hooks.requests.at(-1)!.body.request).toMatchObject({
      operation: 'CONNECT',
      name: 'web:80',
      namespace: 'default',
      subResource: 'proxy',
      kind: { group: '', version: 'v1', kind: 'ServiceProxyOptions' },
      object: { kind: 'ServiceProxyOptions', apiVersion: 'v1', path: '/a/b' },
      options: null,
    })
    expect((await served.post('/api/v1/nodes/n/proxy/pods', {})).code).toBe(403)
    hooks.requests.length = 0
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'evicted', namespace } }
    const { code } = await served.post(`/api/v1/namespaces/${namespace}/pods/evicted/eviction`, eviction)
    expect(code).toBe(201)
    expect(hooks.requests.map(({ body: { request } }) => [request.operation, request.subResource])).toEqual([
      ['CREATE', 'eviction'],
    ])
    expect(
      (await client.get(resources.pods, { namespace, name: 'evicted' })).metadata.deletionTimestamp,
    ).toBeDefined()
  })

  it('refuses in the webhook’s name, with its code and reason', async () => {
    hooks.answers.set('/deny', (body) =>
      reviewOf(body, { allowed: false, status: { code: 422, reason: 'Invalid', message: 'too blue' } }),
    )
    hooks.answers.set('/why', (body) => reviewOf(body, { allowed: false, status: { reason: 'Busy' } }))
    hooks.answers.set('/no', (body) => reviewOf(body, { allowed: false }))
    const objectSelector = (value: string): object => ({
      objectSelector: { matchLabels: { by: value } },
    })
    await register('validating', 'deny', [
      webhook('deny.example.com', '/deny', objectSelector('deny')),
      webhook('why.example.com', '/why', objectSelector('why')),
      webhook('no.example.com', '/no', objectSelector('no')),
    ])
    const attempt = (by: string): Promise<string> => refusal(createMap({ labels: { by } }))
    expect(await attempt('deny')).toBe(
      '422 admission webhook "deny.example.com" denied the request: too blue',
    )
    expect(await attempt('why')).toBe('400 admission webhook "why.example.com" denied the request: Busy')
    expect(await attempt('no')).toBe(
      '400 admission webhook "no.example.com" denied the request without explanation',
    )
    expect(await attempt('nobody')).toBe('allowed')
  })

  it('lets mutating webhooks change the object in order, and calls one again whose turn came too early', async () => {
    const add = (key: string) => (body: Json) => {
      const known = body.request.object.data
      return reviewOf(
        body,
        key in known
          ? {}
          : patchWith({ op: 'add', path: `/data/${key}`, value: Object.keys(known).join('') }),
      )
    }
    for (const key of ['x', 'y', 'z']) hooks.answers.set(`/${key}`, add(key))
    await register('mutating', 'b', [webhook('z.example.com', '/z')])
    await register('mutating', 'a', [
      webhook('y.example.com', '/y', { reinvocationPolicy: 'IfNeeded' }),
      webhook('x.example.com', '/x'),
    ])
    const created = await createMap()
    expect(created.data).toEqual({ a: '1', y: 'a', x: 'ay', z: 'ayx' })
    expect(hooks.requests.map(({ path }) => path.slice(0, 2))).toEqual(['/y', '/x', '/z', '/y'])
    const last = hooks.requests.at(-1)!.body.request.object
    expect(Object.keys(last.data).sort()).toEqual(['a', 'x', 'y', 'z'])
  })

  it('reads a patched object as its kind: defaults apply, what is unknown goes, what is wrong is refused', async () => {
    hooks.answers.set('/bad', (body) =>
      reviewOf(body, patchWith({ op: 'replace', path: '/data', value: ['no', 'map'] })),
    )
    hooks.answers.set('/odd', (body) => reviewOf(body, patchWith({ op: 'add', path: '/surprise', value: 1 })))
    await register('mutating', 'odd', [
      webhook('odd.example.com', '/odd'),
      webhook('bad.example.com', '/bad', { objectSelector: { matchLabels: { bad: 'yes' } } }),
    ])
    expect(await createMap()).not.toHaveProperty('surprise')
    expect(await refusal(createMap({ labels: { bad: 'yes' } }))).toMatch(
      /^500 Internal error occurred: json: cannot unmarshal/,
    )
  })

  it('says why a webhook cannot be called, or goes on without it under Ignore', async () => {
    let release = (): void => undefined
    const never = new Promise<object>((resolve) => (release = () => resolve({})))
    hooks.answers.set('/never', () => never)
    hooks.answers.set('/broken', () => ({ code: 500, text: 'oh no' }))
    hooks.answers.set('/wrong', (body) => reviewOf(body, { uid: 'other' }))
    const select = (value: string): object => ({ objectSelector: { matchLabels: { by: value } } })
    await register('validating', 'broken', [
      webhook('never.example.com', '/never', { ...select('never'), timeoutSeconds: 1 }),
      webhook('broken.example.com', '/broken', select('broken')),
      webhook('gone.example.com', '/gone', select('gone')),
      webhook('wrong.example.com', '/wrong', select('wrong')),
      webhook('down.example.com', '/', { ...select('down'), clientConfig: { url: 'https://127.0.0.1:1/' } }),
      webhook('alien.example.com', '/', { ...select('alien'), clientConfig: { url: hooks.url } }),
      webhook('open.example.com', '/broken', { ...select('open'), failurePolicy: 'Ignore' }),
    ])
    const attempt = (by: string): Promise<string> => refusal(createMap({ labels: { by } }))
    const failed = (name: string, why: string): string =>
      `500 Internal error occurred: failed calling webhook "${name}.example.com": ${why}`
    expect(await attempt('never')).toBe(
      failed(
        'never',
        `failed to call webhook: Post "${hooks.url}/never?timeout=1s": context deadline exceeded`,
      ),
    )
    release()
    expect(await attempt('broken')).toBe(
      failed(
        'broken',
        'failed to call webhook: an error on the server ("oh no") has prevented the request from succeeding',
      ),
    )
    expect(await attempt('gone')).toBe(
      failed('gone', 'failed to call webhook: the server could not find the requested resource'),
    )
    expect(await attempt('wrong')).toMatch(
      /received invalid webhook response: expected response\.uid="[-0-9a-f]{36}", got "other"$/,
    )
    expect(await attempt('down')).toBe(
      failed(
        'down',
        'failed to call webhook: Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
      ),
    )
    expect(await attempt('alien')).toBe(
      failed(
        'alien',
        `failed to call webhook: Post "${hooks.url}/?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      ),
    )
    expect(await attempt('open')).toBe('allowed')
  })

  it('tells webhooks of a dry run', async () => {
    hooks.answers.set('/quiet', (body) => reviewOf(body, {}))
    await register('validating', 'quiet', [webhook('quiet.example.com', '/quiet')])
    await createMap({}, true)
    expect(hooks.requests[0]!.body.request).toMatchObject({
      dryRun: true,
      options: { dryRun: ['All'] },
    })
  })

  it('goes by rules, scope and namespaceSelector, and never stands before webhook configurations', async () => {
    hooks.answers.set('/log', (body) => reviewOf(body, {}))
    const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'] }
    await register('validating', 'rules', [
      webhook('all.example.com', '/log', {
        rules: [{ ...everything, resources: ['*'], scope: 'Cluster' }],
        namespaceSelector: { matchLabels: { team: 'red' } },
      }),
      webhook('sub.example.com', '/log', {
        rules: [{ ...everything, resources: ['deployments/scale', '*/status'] }],
      }),
    ])
    await client.create(resources.namespaces, { metadata: { name: 'blue' }, spec: {} })
    await createMap()
    expect(hooks.requests).toEqual([])
    await client.create(resources.namespaces, {
      metadata: { name: 'red', labels: { team: 'red' } },
      spec: {},
    })
    expect(hooks.requests.map(({ body }) => body.request)).toMatchObject([
      { name: 'red', namespace: 'red', operation: 'CREATE', kind: { kind: 'Namespace' } },
    ])
    const deployment = await client.create(resources.deployments, {
      metadata: { name: 'd', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { name: '', labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    })
    expect(hooks.requests).toHaveLength(1)
    await client.updateScale(resources.deployments, { namespace: 'default', name: 'd' }, 3)
    await client.patch(
      resources.deployments,
      { namespace: 'default', name: 'd' },
      {
        type: 'merge',
        subresource: 'status',
        body: { status: { observedGeneration: 1 } },
      },
    )
    expect(hooks.requests.slice(1).map(({ body }) => body.request)).toMatchObject([
      {
        subResource: 'scale',
        requestSubResource: 'scale',
        kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        resource: { group: 'apps', version: 'v1', resource: 'deployments' },
        object: { kind: 'Scale', spec: { replicas: 3 } },
        oldObject: { kind: 'Scale', spec: { replicas: 1 } },
      },
      {
        subResource: 'status',
        kind: { kind: 'Deployment' },
        object: { metadata: { uid: deployment.metadata.uid } },
      },
    ])
  })

  it('lets a mutating webhook change what is asked of the scale', async () => {
    hooks.answers.set('/two', (body) =>
      reviewOf(body, patchWith({ op: 'replace', path: '/spec/replicas', value: 2 })),
    )
    const rules = [
      { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments/scale'] },
    ]
    await register('mutating', 'two', [webhook('two.example.com', '/two', { rules })])
    await client.updateScale(resources.deployments, { namespace: 'default', name: 'd' }, 7)
    const found = await client.get(resources.deployments, { namespace: 'default', name: 'd' })
    expect(found.spec.replicas).toBe(2)
  })

  it('asks about tokens and evictions', async () => {
    hooks.answers.set('/no', (body) =>
      reviewOf(body, { allowed: false, status: { code: 403, message: body.request.kind.kind } }),
    )
    const rules = [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CONNECT', 'CREATE'],
        resources: ['pods/*', 'serviceaccounts/token'],
      },
    ]
    await register('validating', 'sub', [webhook('sub.example.com', '/no', { rules })])
    await client.create(resources.serviceAccounts, { metadata: { name: 'sa', namespace: 'default' } })
    const token = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: '' },
      spec: {},
    }
    const ref = { namespace: 'default', name: 'sa', subresource: 'token' }
    expect(await refusal(client.createSubresource(resources.serviceAccounts, ref, token as Json))).toBe(
      '403 admission webhook "sub.example.com" denied the request: TokenRequest',
    )
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'p', namespace: 'default' },
    }
    const pod = { namespace: 'default', name: 'p', subresource: 'eviction' }
    expect(await refusal(client.createSubresource(resources.pods, pod, eviction))).toBe(
      '403 admission webhook "sub.example.com" denied the request: Eviction',
    )
  })

  it('calls a webhook in the version that its rules name, whichever version was written', async () => {
    hooks.answers.set('/v2', (body) =>
      reviewOf(body, patchWith({ op: 'add', path: '/metadata/labels', value: { seen: 'yes' } })),
    )
    const autoscalers = (version: string, matchPolicy: string): object => ({
      matchPolicy,
      rules: [
        {
          apiGroups: ['autoscaling'],
          apiVersions: [version],
          operations: ['CREATE'],
          resources: ['horizontalpodautoscalers'],
        },
      ],
    })
    await register('mutating', 'versions', [
      webhook('exact.example.com', '/exact', autoscalers('v1', 'Exact')),
      webhook('v1.example.com', '/v2', autoscalers('v1', 'Equivalent')),
    ])
    const created = await client.create(resources.horizontalPodAutoscalers, {
      metadata: { name: 'h', namespace: 'default' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3 },
    })
    expect(hooks.requests.map(({ path, body }) => [path.split('?')[0], body.request])).toMatchObject([
      [
        '/v2',
        {
          kind: { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
          resource: { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers' },
          requestKind: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
          requestResource: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
          object: { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 3 } },
        },
      ],
    ])
    expect(created).toMatchObject({ apiVersion: 'autoscaling/v2', metadata: { labels: { seen: 'yes' } } })
  })

  it('reaches a webhook behind a Service by its name, and says what the Service lacks', async () => {
    await client.create(resources.namespaces, { metadata: { name: 'web' }, spec: {} })
    const service = { namespace: 'web', name: 'hook', path: '/svc' }
    await register('validating', 'svc', [
      webhook('svc.example.com', '/', { clientConfig: { service, caBundle: hooks.caBundle } }),
    ])
    const why = (rest: string): string =>
      `500 Internal error occurred: failed calling webhook "svc.example.com": failed to call webhook: Post "https://hook.web.svc:443/svc?timeout=10s": ${rest}`
    expect(await refusal(createMap())).toBe(why('service "hook" not found'))
    await client.create(resources.services, {
      metadata: { name: 'hook', namespace: 'web' },
      spec: { ports: [{ port: 443 }] },
    })
    await waitFor(
      async () => (await refusal(createMap())) === why('no endpoints available for service "hook"'),
    )
  })
})
