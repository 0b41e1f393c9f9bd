import { describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { waitFor } from './testing/wait-for.ts'
import { refusal } from './testing/refusal.ts'
import { patchWith, reviewOf, type Json } from './testing/webhook-server.ts'
import { useWebhooks } from './testing/use-webhooks.ts'

describe('admission webhooks of an API server', () => {
  const under = useWebhooks()
  const { webhook, register, createMap, createDeployment } = under

  it('calls a webhook only when all its match conditions are true', async () => {
    under.hooks.answers.set('/no', (body) => reviewOf(body, { allowed: false }))
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
    expect(under.hooks.requests).toHaveLength(1)
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
    await under.client.deleteCollection(resources.validatingWebhookConfigurations, {})
    await register('mutating', 'errors', [
      webhook('ignore.example.com', '/none', {
        failurePolicy: 'Ignore',
        matchConditions: [broken],
      }),
    ])
    expect(await refusal(createMap({ name: 'cond-2' }))).toBe('allowed')
    expect(under.hooks.requests).toEqual([])
  })

  it('stops conditions that cost too much', async () => {
    const all = 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))'
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v']))
    await register('validating', 'costly', [
      webhook('costly.example.com', '/none', { matchConditions: [{ name: 'all', expression: all }] }),
    ])
    const body = { metadata: { name: 'costly', namespace: 'default' }, data }
    expect(await refusal(under.client.create(resources.configMaps, body))).toBe(
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
    under.hooks.answers.set('/no', (body) =>
      reviewOf(body, { allowed: false, status: { code: 403, message: 'no way' } }),
    )
    under.hooks.answers.set('/all', (body) => reviewOf(body, {}))
    const namespace = 'kube-public'
    await under.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] }
    const pod = { metadata: { name: 'evicted', namespace }, spec }
    await under.client.create(resources.pods, pod as Json)
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
      const { code } = await under.served.post(`/api/v1/namespaces/default/services/web:80/proxy/a/b?c=d`, {})
      return code === 403 || undefined
    })
    expect(under.hooks.requests.at(-1)!.body.request).toMatchObject({
      operation: 'CONNECT',
      name: 'web:80',
      namespace: 'default',
      subResource: 'proxy',
      kind: { group: '', version: 'v1', kind: 'ServiceProxyOptions' },
      object: { kind: 'ServiceProxyOptions', apiVersion: 'v1', path: '/a/b' },
      options: null,
    })
    expect((await under.served.post('/api/v1/nodes/n/proxy/pods', {})).code).toBe(403)
    under.hooks.requests.length = 0
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'evicted', namespace } }
    const { code } = await under.served.post(
      `/api/v1/namespaces/${namespace}/pods/evicted/eviction`,
      eviction,
    )
    expect(code).toBe(201)
    expect(
      under.hooks.requests.map(({ body: { request } }) => [request.operation, request.subResource]),
    ).toEqual([['CREATE', 'eviction']])
    expect(
      (await under.client.get(resources.pods, { namespace, name: 'evicted' })).metadata.deletionTimestamp,
    ).toBeDefined()
  })

  it('lets a mutating webhook change what is asked of the scale', async () => {
    under.hooks.answers.set('/two', (body) =>
      reviewOf(body, patchWith({ op: 'replace', path: '/spec/replicas', value: 2 })),
    )
    const rules = [
      { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments/scale'] },
    ]
    await createDeployment('d')
    await register('mutating', 'two', [webhook('two.example.com', '/two', { rules })])
    await under.client.updateScale(resources.deployments, { namespace: 'default', name: 'd' }, 7)
    const found = await under.client.get(resources.deployments, { namespace: 'default', name: 'd' })
    expect(found.spec.replicas).toBe(2)
  })

  it('asks about tokens and evictions', async () => {
    under.hooks.answers.set('/no', (body) =>
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
    await under.client.create(resources.serviceAccounts, { metadata: { name: 'sa', namespace: 'default' } })
    const token = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: '' },
      spec: {},
    }
    const ref = { namespace: 'default', name: 'sa', subresource: 'token' }
    expect(await refusal(under.client.createSubresource(resources.serviceAccounts, ref, token as Json))).toBe(
      '403 admission webhook "sub.example.com" denied the request: TokenRequest',
    )
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'p', namespace: 'default' },
    }
    const pod = { namespace: 'default', name: 'p', subresource: 'eviction' }
    expect(await refusal(under.client.createSubresource(resources.pods, pod, eviction))).toBe(
      '403 admission webhook "sub.example.com" denied the request: Eviction',
    )
  })

  it('calls a webhook in the version that its rules name, whichever version was written', async () => {
    under.hooks.answers.set('/v2', (body) =>
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
    const created = await under.client.create(resources.horizontalPodAutoscalers, {
      metadata: { name: 'h', namespace: 'default' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3 },
    })
    expect(under.hooks.requests.map(({ path, body }) => [path.split('?')[0], body.request])).toMatchObject([
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
    await under.client.create(resources.namespaces, { metadata: { name: 'web' }, spec: {} })
    const service = { namespace: 'web', name: 'hook', path: '/svc' }
    await register('validating', 'svc', [
      webhook('svc.example.com', '/', { clientConfig: { service, caBundle: under.hooks.caBundle } }),
    ])
    const why = (rest: string): string =>
      `500 Internal error occurred: failed calling webhook "svc.example.com": failed to call webhook: Post "https://hook.web.svc:443/svc?timeout=10s": ${rest}`
    expect(await refusal(createMap())).toBe(why('service "hook" not found'))
    await under.client.create(resources.services, {
      metadata: { name: 'hook', namespace: 'web' },
      spec: { ports: [{ port: 443 }] },
    })
    await waitFor(
      async () => (await refusal(createMap())) === why('no endpoints available for service "hook"'),
    )
  })
})
