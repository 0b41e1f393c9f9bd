import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parseRequestInfo } from '../request-info.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { createPolicyEvaluator } from './evaluate-policy.ts'
import { parseAuditPolicy } from './policy.ts'

const policy = parseAuditPolicy(`
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
  - level: None
    nonResourceURLs: ['/healthz*']
  - level: Metadata
    resources: [{ group: '', resources: [secrets, 'pods/exec'] }]
  - level: Request
    verbs: [patch]
    omitStages: [RequestReceived]
  - level: RequestResponse
    users: [ada]
    resources: [{ group: '', resources: [configmaps], resourceNames: [watched, ''] }]
    omitStages: [RequestReceived]
  - level: Metadata
    omitStages: [RequestReceived]
`)

describe('the policy', () => {
  const evaluate = createPolicyEvaluator(policy)
  const level = (method: string, path: string, user = 'bob'): string =>
    evaluate({ name: user, groups: [] }, parseRequestInfo(method, path, new URLSearchParams())).level

  it.each([
    ['GET', '/healthz/ping', 'bob', 'None'],
    ['GET', '/version', 'bob', 'Metadata'],
    ['PATCH', '/api/v1/namespaces/x/secrets/s', 'bob', 'Metadata'],
    ['PATCH', '/api/v1/namespaces/x/pods/p', 'bob', 'Request'],
    ['POST', '/api/v1/namespaces/x/pods/p/exec', 'bob', 'Metadata'],
    ['GET', '/api/v1/namespaces/x/configmaps/watched', 'ada', 'RequestResponse'],
    ['GET', '/api/v1/namespaces/x/configmaps/other', 'ada', 'Metadata'],
    ['GET', '/api/v1/namespaces/x/configmaps/watched', 'bob', 'Metadata'],
  ])('%s %s by %s is %s', (method, path, user, wanted) => {
    expect(level(method, path, user)).toBe(wanted)
  })

  it('matches paths of requests for no resource only, and subresources of any resource', () => {
    const other = createPolicyEvaluator(
      parseAuditPolicy(`
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
  - level: None
    nonResourceURLs: ['/*']
  - level: Request
    resources: [{ group: '', resources: ['*/status'] }]
    omitManagedFields: false
  - level: Metadata
`),
    )
    const of = (path: string) =>
      other({ name: 'bob', groups: [] }, parseRequestInfo('GET', path, new URLSearchParams()))
    expect(of('/version').level).toBe('None')
    expect(of('/api/v1/namespaces/x/pods/p')).toMatchObject({ level: 'Metadata', omitManagedFields: true })
    expect(of('/api/v1/namespaces/x/pods/p/status')).toMatchObject({
      level: 'Request',
      omitManagedFields: false,
    })
  })

  it('names every field in fault', () => {
    const text = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{ level: Some, nonResourceURLs: ['a*b'] }, { omitStages: [Never], level: None }]`
    const messages = [
      'rules[0].level: Unsupported value: "Some": supported values: "None", "Metadata", "Request", "RequestResponse"',
      `rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL rules must begin with a '/' character`,
      `rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL wildcards '*' must be the final character of the rule`,
      'rules[1].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ]
    expect(() => parseAuditPolicy(text)).toThrow(messages.join('; '))
    expect(() => parseAuditPolicy('apiVersion: audit.k8s.io/v1\nkind: Policy')).toThrow('0 rules')
    expect(() => parseAuditPolicy('kind: Policy')).toThrow('unknown group version')
  })
})

interface Event {
  level: string
  stage: string
  auditID: string
  verb: string
  requestURI: string
  user: { username?: string; groups?: string[] }
  impersonatedUser?: { username: string }
  objectRef?: object
  requestObject?: { data?: object; metadata?: object }
  responseObject?: { kind: string; data?: object; metadata?: object; items?: object[] }
  responseStatus?: { code: number; reason?: string; message?: string }
  annotations?: Record<string, string>
}

describe('the audit log', () => {
  let test: TestServer
  let lines: string[] = []
  const events = (): Event[] => lines.map((line) => JSON.parse(line) as Event)
  const configMaps = '/api/v1/namespaces/default/configmaps'

  beforeAll(async () => {
    test = await startTestServer(() => ({ audit: { policy, write: (line) => void lines.push(line) } }))
  })
  afterAll(() => test.close())
  async function during(work: () => Promise<unknown>): Promise<Event[]> {
    lines = []
    await work()
    await expect.poll(() => lines.length).toBeGreaterThan(0)
    return events()
  }

  it('writes who did what and why it was allowed', async () => {
    const [event, ...more] = await during(() =>
      test.call('GET', `${configMaps}?limit=5`, { headers: { 'audit-id': 'mine', 'user-agent': 'tester' } }),
    )
    expect(more).toEqual([])
    expect(event).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'mine',
      stage: 'ResponseComplete',
      requestURI: `${configMaps}?limit=5`,
      verb: 'list',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent: 'tester',
      objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
      responseStatus: { code: 200 },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    })
    expect(event).not.toHaveProperty('responseObject')
  })

  it('tells the client the audit id', async () => {
    const { headers } = await test.call('GET', '/version')
    expect(headers['audit-id']).toMatch(/^[0-9a-f]{8}-/)
  })

  it('never writes a Secret or token at level Metadata', async () => {
    const body = { metadata: { name: 'safe' }, stringData: { password: 'hunter2' } }
    const found = await during(() =>
      test.call('POST', '/api/v1/namespaces/default/secrets', {
        body,
        token: 'admin-token',
      }),
    )
    expect(found.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
    expect(found[1]?.objectRef).toMatchObject({ resource: 'secrets', name: 'safe', namespace: 'default' })
    expect(lines.join('')).not.toMatch(/hunter2|aHVudGVyMg|admin-token/)
  })

  it('writes request and answer at RequestResponse, without managed fields', async () => {
    const [created] = await during(() =>
      test.call('POST', configMaps, {
        body: { metadata: { name: 'watched' }, data: { a: '1' } },
        token: 'user-token',
      }),
    )
    expect(created).toMatchObject({
      level: 'RequestResponse',
      requestObject: { metadata: { name: 'watched' }, data: { a: '1' } },
      responseObject: { kind: 'ConfigMap', metadata: { name: 'watched' }, data: { a: '1' } },
      responseStatus: { code: 201 },
    })
    expect(created?.requestObject).not.toHaveProperty('metadata.uid')
    const apply = await test.call('PATCH', `${configMaps}/watched?fieldManager=t&force=true`, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' }, data: { a: '1' } },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    expect(apply.json.metadata.managedFields).toBeDefined()
    const [listed] = await during(() => test.call('GET', configMaps, { token: 'user-token' }))
    expect(listed?.responseObject).toMatchObject({ kind: 'ConfigMapList' })
    expect(listed?.responseObject?.items?.[0]).toHaveProperty('metadata.name', 'watched')
    expect(listed?.responseObject?.items?.[0]).not.toHaveProperty('metadata.managedFields')
  })

  it('writes what was sent but not what was answered at Request', async () => {
    const [patched] = await during(() =>
      test.call('PATCH', `${configMaps}/watched`, {
        body: { data: { b: '2' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      }),
    )
    expect(patched).toMatchObject({ level: 'Request', requestObject: { data: { b: '2' } } })
    expect(patched).not.toHaveProperty('responseObject')
  })

  it('writes refusals: by authorization, by the handler, and by authentication', async () => {
    const [forbidden] = await during(() =>
      test.call('DELETE', `${configMaps}/watched`, { token: 'user-token' }),
    )
    expect(forbidden).toMatchObject({
      responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    })
    const [missing] = await during(() => test.call('GET', `${configMaps}/none`))
    expect(missing?.responseStatus).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
    })
    const [stranger] = await during(() => test.call('GET', configMaps, { token: 'wrong' }))
    expect(stranger).toMatchObject({
      stage: 'ResponseStarted',
      user: {},
      responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
    })
    expect(lines.join('')).not.toContain('wrong')
  })

  it('writes who was impersonated', async () => {
    const headers = { 'impersonate-user': 'eve', 'impersonate-group': 'system:masters' }
    const [event] = await during(() => test.call('GET', configMaps, { headers }))
    expect(event).toMatchObject({ user: { username: 'admin' }, impersonatedUser: { username: 'eve' } })
  })

  it('writes a watch twice and an upgrade too', async () => {
    const found = await during(() => test.call('GET', `${configMaps}?watch=true&timeoutSeconds=1`))
    expect(found.map(({ stage, verb }) => `${verb} ${stage}`)).toEqual([
      'watch ResponseStarted',
      'watch ResponseComplete',
    ])
    const refused = await during(async () => {
      const { ca, cert, key } = test.connection()
      const url = `wss://127.0.0.1:${test.port}/api/v1/namespaces/default/pods/none/exec?command=x`
      const socket = new WebSocket(url, 'v5.channel.k8s.io', { ca, cert, key } as object)
      await new Promise((resolve) => socket.once('error', resolve))
    })
    expect(refused.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
    expect(refused[1]).toMatchObject({
      verb: 'get',
      objectRef: { resource: 'pods', name: 'none', subresource: 'exec' },
      responseStatus: { code: 404 },
    })
  })

  it('leaves out what the policy leaves out', async () => {
    const [event, ...more] = await during(async () => {
      await test.call('GET', '/healthz')
      await test.call('GET', '/version')
    })
    expect(more).toEqual([])
    expect(event?.requestURI).toBe('/version')
    expect(event).not.toHaveProperty('objectRef')
  })
})
