import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { metricValue } from './testing/metric-value.ts'
import { refusal } from './testing/refusal.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import { reviewOf, startWebhookServer, type Json, type WebhookServer } from './testing/webhook-server.ts'

const rules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'], scope: '*' },
]

describe('metrics of an API server', () => {
  let served: ServedControlPlane
  let client: Client
  let hooks: WebhookServer
  let names = 0

  beforeAll(async () => {
    served = await serveControlPlane()
    ;({ client } = served)
    hooks = await startWebhookServer()
  })
  afterAll(async () => {
    await hooks[Symbol.asyncDispose]()
    await served[Symbol.asyncDispose]()
  })

  const valueOf = (metric: string, labels: Record<string, string> = {}): Promise<number> =>
    metricValue(served, metric, labels)
  const createMap = (kind = 'plain'): Promise<Json> =>
    client.create(resources.configMaps, {
      metadata: { name: `m${++names}`, namespace: 'default', labels: { kind } },
    } as Json)

  it('time each plugin, and all together, by operation', async () => {
    const plugin = (type: string) => ({ name: 'NamespaceLifecycle', type, operation: 'CREATE' })
    const step = { type: 'validate', operation: 'CREATE' }
    const prefix = 'apiserver_admission'
    const controllers = `${prefix}_controller_admission_duration_seconds_count`
    const steps = `${prefix}_step_admission_duration_seconds_count`
    const before = await valueOf(controllers, { ...plugin('admit'), rejected: 'false' })
    const stepsBefore = await valueOf(steps, { ...step, rejected: 'false' })
    await createMap()
    expect(await valueOf(controllers, { ...plugin('admit'), rejected: 'false' })).toBe(before + 1)
    expect(await valueOf(steps, { ...step, rejected: 'false' })).toBe(stepsBefore + 1)
    const lost = { metadata: { name: 'x', namespace: 'nowhere' } } as Json
    expect(await refusal(client.create(resources.configMaps, lost))).toMatch(/^404/)
    expect(await valueOf(controllers, { ...plugin('admit'), rejected: 'true' })).toBe(1)
    expect(await valueOf(steps, { type: 'admit', operation: 'CREATE', rejected: 'true' })).toBe(1)
  })

  it('count the calls of webhooks, refusals and failures', async () => {
    hooks.answers.set('/no', (body) => reviewOf(body, { allowed: false, status: { code: 422 } }))
    const hook = (name: string, path: string, failurePolicy: string, kind: string) => ({
      name,
      failurePolicy,
      rules,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      objectSelector: { matchLabels: { kind } },
      clientConfig: { url: `${hooks.url}${path}`, caBundle: hooks.caBundle },
    })
    await client.create(resources.validatingWebhookConfigurations, {
      metadata: { name: 'counted' },
      webhooks: [
        hook('no.example.com', '/no', 'Fail', 'refused'),
        hook('gone.example.com', '/gone', 'Fail', 'failed'),
        hook('open.example.com', '/gone', 'Ignore', 'open'),
      ],
    } as Json)
    await waitFor(async () => (await refusal(createMap('refused'))).startsWith('422'))
    expect(await refusal(createMap('failed'))).toMatch(/^500/)
    expect(await refusal(createMap('open'))).toBe('allowed')
    const prefix = 'apiserver_admission_webhook'
    const asked = { type: 'validating', operation: 'CREATE' }
    for (const [name, error_type, code] of [
      ['no.example.com', 'no_error', '422'],
      ['gone.example.com', 'calling_webhook_error', '503'],
    ] as const) {
      const rejection = { ...asked, name, error_type, rejection_code: code }
      expect(await valueOf(`${prefix}_rejection_count`, rejection), name).toBe(1)
      expect(await valueOf(`${prefix}_request_total`, { ...asked, name, code, rejected: 'true' })).toBe(1)
      expect(
        await valueOf(`${prefix}_admission_duration_seconds_count`, { ...asked, name, rejected: 'true' }),
      ).toBe(1)
    }
    const open = { ...asked, name: 'open.example.com', code: '503', rejected: 'false' }
    expect(await valueOf(`${prefix}_request_total`, open)).toBe(1)
    expect(await valueOf(`${prefix}_rejection_count`, { name: 'open.example.com' })).toBe(0)
    expect(await valueOf(`${prefix}_fail_open_count`, { name: 'open.example.com' })).toBe(1)
  })

  it('count what match conditions keep from webhooks and policies', async () => {
    const conditioned = (name: string, kind: string, expression: string, failurePolicy: string) => ({
      name,
      failurePolicy,
      rules,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      objectSelector: { matchLabels: { kind } },
      clientConfig: { url: `${hooks.url}/gone`, caBundle: hooks.caBundle },
      matchConditions: [{ name: 'only', expression }],
    })
    const failing = 'object.data.missing == "x"'
    await client.create(resources.validatingWebhookConfigurations, {
      metadata: { name: 'conditioned' },
      webhooks: [
        conditioned('excluded.example.com', 'excluded', 'false', 'Fail'),
        conditioned('unknown.example.com', 'unknown', failing, 'Fail'),
        conditioned('ignored.example.com', 'ignored', failing, 'Ignore'),
      ],
    } as Json)
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: 'conditioned' },
      spec: {
        matchConstraints: { resourceRules: rules, objectSelector: { matchLabels: { kind: 'ruled' } } },
        matchConditions: [{ name: 'only', expression: 'false' }],
        validations: [{ expression: 'false' }],
      },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: 'conditioned' },
      spec: { policyName: 'conditioned', validationActions: ['Deny'] },
    } as Json)
    const prefix = 'apiserver_admission_match_condition'
    await waitFor(async () => (await refusal(createMap('unknown'))).startsWith('403'))
    expect(await refusal(createMap('excluded'))).toBe('allowed')
    expect(await refusal(createMap('ignored'))).toBe('allowed')
    for (const [name, exclusions, errors] of [
      ['excluded.example.com', 1, 0],
      ['unknown.example.com', 0, 1],
      ['ignored.example.com', 1, 1],
    ] as const) {
      const labels = { name, kind: 'webhook', type: 'validating', operation: 'CREATE' }
      expect(await valueOf(`${prefix}_exclusions_total`, labels), name).toBe(exclusions)
      expect(await valueOf(`${prefix}_evaluation_errors_total`, labels), name).toBe(errors)
      expect(await valueOf(`${prefix}_evaluation_seconds_count`, labels), name).toBe(1)
    }
    const policy = { name: 'conditioned', kind: 'policy', type: 'validate', operation: 'CREATE' }
    await waitFor(async () => {
      expect(await refusal(createMap('ruled'))).toBe('allowed')
      return (await valueOf(`${prefix}_evaluation_seconds_count`, policy)) > 0
    })
    expect(await valueOf(`${prefix}_exclusions_total`, policy)).toBe(0)
  })

  it('count what policies decide, by the action taken', async () => {
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: 'never' },
      spec: {
        matchConstraints: {
          resourceRules: rules,
          objectSelector: { matchLabels: { kind: 'judged' } },
        },
        validations: [{ expression: 'false' }],
      },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: 'always' },
      spec: { policyName: 'never', validationActions: ['Deny', 'Audit'] },
    } as Json)
    await waitFor(async () => (await refusal(createMap('judged'))).startsWith('422'))
    for (const enforcement_action of ['deny', 'audit']) {
      const labels = {
        policy: 'never',
        policy_binding: 'always',
        error_type: 'invalid_error',
        enforcement_action,
      }
      const prefix = 'apiserver_validating_admission_policy_check'
      expect(await valueOf(`${prefix}_total`, labels)).toBe(1)
      expect(await valueOf(`${prefix}_duration_seconds_count`, labels)).toBe(1)
    }
  })

  it('count the requests to the store, and what comes of them', async () => {
    const of = { group: '', resource: 'configmaps' }
    const requests = (operation: string) => valueOf('etcd_requests_total', { ...of, operation })
    const [created, events] = [
      await requests('create'),
      await valueOf('apiserver_storage_events_received_total', of),
    ]
    const { metadata } = await createMap()
    const labels = { ...of, operation: 'create' }
    expect(await requests('create')).toBe(created + 1)
    expect(await valueOf('etcd_request_duration_seconds_count', labels)).toBe(created + 1)
    expect(await valueOf('etcd_request_errors_total', labels)).toBe(0)
    expect(await valueOf('apiserver_storage_events_received_total', of)).toBe(events + 1)
    expect(await valueOf('apiserver_watch_cache_resource_version', of)).toBe(Number(metadata.resourceVersion))
    expect(await valueOf('apiserver_storage_size_bytes')).toBeGreaterThan(4096)
  })
})
