import { describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { refusal } from './testing/refusal.ts'
import { patchWith, reviewOf, type Json } from './testing/webhook-server.ts'
import { useWebhooks } from './testing/use-webhooks.ts'

describe('admission webhooks of an API server', () => {
  const under = useWebhooks()
  const { webhook, register, configMap, createMap, createDeployment } = under

  it('sends upstream’s AdmissionReview for create, update, patch and delete, and obeys the answer', async () => {
    under.hooks.answers.set('/all', (body) => reviewOf(body, { warnings: ['careful'] }))
    await register('validating', 'all', [webhook('all.example.com', '/all')])
    const created = await under.client.create(resources.configMaps, configMap({ name: 'seen' }), {
      fieldManager: 'me',
    })
    await under.client.update(resources.configMaps, { ...created, data: { a: '2' } } as Json)
    const ref = { namespace: 'default', name: 'seen' }
    await under.client.patch(resources.configMaps, ref, { type: 'merge', body: { data: { b: '3' } } })
    await under.client.delete(resources.configMaps, ref, { gracePeriodSeconds: 0 })

    const [create, update, patch, remove] = under.hooks.requests.map(({ body }) => body.request)
    const { path, body } = under.hooks.requests[0]!
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
    expect(under.hooks.connections()).toBe(1)
  })

  it('refuses in the webhook’s name, with its code and reason', async () => {
    under.hooks.answers.set('/deny', (body) =>
      reviewOf(body, { allowed: false, status: { code: 422, reason: 'Invalid', message: 'too blue' } }),
    )
    under.hooks.answers.set('/why', (body) => reviewOf(body, { allowed: false, status: { reason: 'Busy' } }))
    // A refusal is one whatever its code says.
    under.hooks.answers.set('/no', (body) => reviewOf(body, { allowed: false, status: { code: 200 } }))
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
    for (const key of ['x', 'y', 'z']) under.hooks.answers.set(`/${key}`, add(key))
    await register('mutating', 'b', [webhook('z.example.com', '/z')])
    await register('mutating', 'a', [
      webhook('y.example.com', '/y', { reinvocationPolicy: 'IfNeeded' }),
      webhook('x.example.com', '/x'),
    ])
    const created = await createMap()
    expect(created.data).toEqual({ a: '1', y: 'a', x: 'ay', z: 'ayx' })
    expect(under.hooks.requests.map(({ path }) => path.slice(0, 2))).toEqual(['/y', '/x', '/z', '/y'])
    const last = under.hooks.requests.at(-1)!.body.request.object
    expect(Object.keys(last.data).sort()).toEqual(['a', 'x', 'y', 'z'])
  })

  it('reads a patched object as its kind: defaults apply, what is unknown goes, what is wrong is refused', async () => {
    under.hooks.answers.set('/bad', (body) =>
      reviewOf(body, patchWith({ op: 'replace', path: '/data', value: ['no', 'map'] })),
    )
    under.hooks.answers.set('/odd', (body) =>
      reviewOf(body, patchWith({ op: 'add', path: '/surprise', value: 1 })),
    )
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
    under.hooks.answers.set('/never', () => never)
    under.hooks.answers.set('/broken', () => ({ code: 500, text: 'oh no' }))
    under.hooks.answers.set('/wrong', (body) => reviewOf(body, { uid: 'other' }))
    const select = (value: string): object => ({ objectSelector: { matchLabels: { by: value } } })
    await register('validating', 'broken', [
      webhook('never.example.com', '/never', { ...select('never'), timeoutSeconds: 1 }),
      webhook('broken.example.com', '/broken', select('broken')),
      webhook('gone.example.com', '/gone', select('gone')),
      webhook('wrong.example.com', '/wrong', select('wrong')),
      webhook('down.example.com', '/', { ...select('down'), clientConfig: { url: 'https://127.0.0.1:1/' } }),
      webhook('alien.example.com', '/', { ...select('alien'), clientConfig: { url: under.hooks.url } }),
      webhook('open.example.com', '/broken', { ...select('open'), failurePolicy: 'Ignore' }),
    ])
    const attempt = (by: string): Promise<string> => refusal(createMap({ labels: { by } }))
    const failed = (name: string, why: string): string =>
      `500 Internal error occurred: failed calling webhook "${name}.example.com": ${why}`
    expect(await attempt('never')).toBe(
      failed(
        'never',
        `failed to call webhook: Post "${under.hooks.url}/never?timeout=1s": context deadline exceeded`,
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
        `failed to call webhook: Post "${under.hooks.url}/?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      ),
    )
    expect(await attempt('open')).toBe('allowed')
  })

  it('tells webhooks of a dry run', async () => {
    under.hooks.answers.set('/quiet', (body) => reviewOf(body, {}))
    await register('validating', 'quiet', [webhook('quiet.example.com', '/quiet')])
    await createMap({}, true)
    expect(under.hooks.requests[0]!.body.request).toMatchObject({
      dryRun: true,
      options: { dryRun: ['All'] },
    })
  })

  it('goes by rules, scope and namespaceSelector, and never stands before webhook configurations', async () => {
    under.hooks.answers.set('/log', (body) => reviewOf(body, {}))
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
    await under.client.create(resources.namespaces, { metadata: { name: 'blue' }, spec: {} })
    await createMap()
    expect(under.hooks.requests).toEqual([])
    await under.client.create(resources.namespaces, {
      metadata: { name: 'red', labels: { team: 'red' } },
      spec: {},
    })
    expect(under.hooks.requests.map(({ body }) => body.request)).toMatchObject([
      { name: 'red', namespace: 'red', operation: 'CREATE', kind: { kind: 'Namespace' } },
    ])
    const deployment = await createDeployment('d')
    expect(under.hooks.requests).toHaveLength(1)
    await under.client.updateScale(resources.deployments, { namespace: 'default', name: 'd' }, 3)
    await under.client.patch(
      resources.deployments,
      { namespace: 'default', name: 'd' },
      {
        type: 'merge',
        subresource: 'status',
        body: { status: { observedGeneration: 1 } },
      },
    )
    expect(under.hooks.requests.slice(1).map(({ body }) => body.request)).toMatchObject([
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
})
