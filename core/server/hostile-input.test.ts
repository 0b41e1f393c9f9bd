import { Agent } from 'node:https'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { apiRoot } from '../api/gvk.ts'
import { builtInKinds } from '../kinds/index.ts'
import { minimalManifests } from '../kinds/testing/minimal-manifests.ts'
import type { KindDefinition } from '../registry/kind.ts'
import { startTestServer } from './testing/test-server.ts'
import type { CallOptions, Reply, TestServer } from './testing/test-server.ts'

/** How long random requests are tried, per kind of them. */
const fuzzMs = 8_000
const slowMs = 10_000
/** Far more than it takes on a machine that does nothing else. */
const testTimeoutMs = 120_000
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  agent.destroy()
  await server.close()
})

interface Hostile extends CallOptions {
  method: string
  path: string
}

/** Sends one request: whatever it is, the answer comes soon and is a success, a Status of the client's fault, or no page. */
async function send({ method, path, ...options }: Hostile): Promise<Reply> {
  const startedAt = performance.now()
  const reply = await server.call(method, path, { ...options, agent })
  const what = `${method} ${path.slice(0, 200)} ${show(options.body)}`
  const answer = `${what} -> ${reply.code} ${reply.raw.toString().slice(0, 300)}`
  expect(reply.code, answer).toBeLessThan(500)
  // Paths of no API are refused without one, and documents that there are not without any body.
  if (['404 page not found\n', ''].includes(reply.raw.toString()) && reply.code !== 200)
    expect(reply.code, answer).toBe(404)
  else if (reply.code >= 400) expect(reply.json, answer).toMatchObject({ kind: 'Status', code: reply.code })
  expect(performance.now() - startedAt, `time of ${what}`).toBeLessThan(slowMs)
  return reply
}

function show(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString('latin1').slice(0, 400)
  return (typeof body === 'string' ? body : (JSON.stringify(body) ?? '')).slice(0, 2_000)
}

function collection({ group, version, namespaced, names }: KindDefinition): string {
  return `${apiRoot({ group, version })}${namespaced ? '/namespaces/default' : ''}/${names.plural}`
}

function manifestOf({ kind, group, version }: KindDefinition): object {
  const text = minimalManifests[`${kind}.${group}/${version}`] ?? minimalManifests[kind] ?? '{ spec: {} }'
  return parse(text) as object
}

const json = { 'content-type': 'application/json' }
const yaml = { 'content-type': 'application/yaml' }
const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' }
const aliases = Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`)
const bodies: CallOptions[] = [
  ...[
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '17',
    '[1,',
    '{"a":}',
    '\u0000',
    '{"metadata":[]}',
    '{"metadata":{"name":{}}}',
  ],
  '['.repeat(100_000),
  '{"a":'.repeat(20_000),
  '{"metadata":{"name":"a","generation":1e400,"resourceVersion":"99999999999999999999"},"spec":{"replicas":1e99}}',
  `{"metadata":{"name":"a"},"spec":${'9'.repeat(50_000)}}`,
  '{"__proto__":{"polluted":true},"metadata":{"name":"a"}}',
  '{"constructor":{"prototype":{"polluted":true}},"metadata":{"name":"a"}}',
  '{"metadata":{"name":"a","labels":{"__proto__":"x"},"annotations":{"constructor":"y"}}}',
  '{"metadata":{"name":"a","name":"b"},"metadata":{"name":"c"},"kind":"X","kind":"Y"}',
  '{"metadata":{"name":"../../etc"}}',
  '{"metadata":{"name":"a/b","namespace":"..","finalizers":[null],"ownerReferences":[null,{}]}}',
].map((body): CallOptions => ({ body, headers: json }))
bodies.push(
  { body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), headers: json },
  { body: `a0: &a0 [lol]\n${aliases.join('\n')}\n`, headers: yaml },
  { body: 'a: &a\n  b: *a\n', headers: yaml },
  { body: '!!js/function "x": 1\n--- \n...\n--- {', headers: yaml },
  { body: `${'- '.repeat(5_000)}x`, headers: yaml },
  { body: 'metadata: {name: a, __proto__: {polluted: true}}', headers: yaml },
  { body: Buffer.from('k8s\0'), headers: protobuf },
  { body: Buffer.from('no protobuf at all'), headers: protobuf },
  { body: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(64, 0xff)]), headers: protobuf },
  {
    body: Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x07])]),
    headers: protobuf,
  },
  { body: 'x', headers: { 'content-type': 'text/html' } },
)

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
].map((type) => ({ 'content-type': type }))
const apply = patchTypes.at(-1)
const patches = [
  ...[
    'null',
    '[]',
    '[null]',
    '[{}]',
    '[{"op":"add"}]',
    '[{"op":"move","from":"","path":"/a"}]',
    '{"$patch":"x"}',
  ],
  '[{"op":"add","path":"/__proto__/polluted","value":true}]',
  '[{"op":"test","path":"/metadata/labels/~2","value":1}]',
  '[{"op":"replace","path":"","value":null}]',
  '[{"op":"replace","path":"/metadata","value":null}]',
  '{"metadata":null}',
  '{"metadata":"x","spec":[]}',
  '{"metadata":{"managedFields":[{"fieldsV1":7,"operation":"Odd"}]}}',
  '{"metadata":{"$retainKeys":7,"labels":{"$patch":"replace"}}}',
  '{"spec":{"$setElementOrder/containers":"x","containers":[{"$patch":"merge"}]}}',
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[{}]}}',
]

const nothing = 'a'.repeat(50_000)
const queries = [
  `labelSelector=${nothing}!`,
  `labelSelector=${encodeURIComponent('a in (' + 'b,'.repeat(20_000))}`,
  'labelSelector=%3D%3D%3D',
  'labelSelector=__proto__%3Dx',
  `labelSelector=${encodeURIComponent(`${'a.'.repeat(20_000)}/x=y`)}`,
  `fieldSelector=${encodeURIComponent(`${'\\'.repeat(20_000)},`)}`,
  'fieldSelector=__proto__%3Dx',
  'fieldSelector=metadata.name%3D..%2F..',
  'limit=-1',
  'limit=1e9',
  'limit=99999999999999999999',
  'continue=%00%ff',
  `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":-5,"start":"\u0000"}').toString('base64url')}`,
  'resourceVersion=-1',
  'resourceVersion=abc&resourceVersionMatch=Odd',
  'resourceVersionMatch=Exact&resourceVersion=0',
  'sendInitialEvents=maybe',
  'watch=1&timeoutSeconds=x',
  'watch=1&resourceVersionMatch=Exact&timeoutSeconds=1',
  'pretty=%00&dryRun=Odd',
  'includeObject=__proto__',
]

const paths = [
  '/api/v1/namespaces/%2e%2e/pods',
  '/api/v1/namespaces/default/pods/%2e%2e%2f%2e%2e',
  '/api/v1/namespaces/default/pods/%00',
  '/api/v1/namespaces/default/pods/%zz',
  '/api/v1/namespaces/default/__proto__/constructor',
  '/api/v1/namespaces/default/pods/x/__proto__',
  '/apis/__proto__/v1/constructor',
  '/apis/constructor/prototype/x/y/z',
  '/api/v1/watch',
  '/api/v1/proxy/x',
  `/api/v1/namespaces/default/pods/${'a'.repeat(6_000)}`,
  '//api//v1//namespaces',
  '/api/v1/namespaces/default/pods/a/b/c/d/e/f',
  '/openapi/v3/../../etc/passwd',
  '/openapi/v3/apis/__proto__/v1',
]

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  const one = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: 8 }, one))
}

describe('hostile input', { timeout: testTimeoutMs }, () => {
  const startRss = process.memoryUsage().rss

  it('in bodies is refused, by every kind', async () => {
    // What answers virtual kinds is not part of this server.
    const stored = builtInKinds.filter(({ isVirtual }) => !isVirtual)
    const requests = stored.flatMap((kind, at) =>
      // Every kind meets every body over a few kinds' turns; the costly ones need not be tried 60 times.
      bodies
        .filter((_, index) => (index + at) % 6 === 0)
        .flatMap((body): Hostile[] => [
          { method: 'POST', path: collection(kind), ...body },
          { method: 'PUT', path: `${collection(kind)}/a`, ...body },
          { method: 'DELETE', path: `${collection(kind)}/no-such`, ...body },
        ]),
    )
    await inTurns(requests, send)
  })

  it('in patches is refused, by every kind', async () => {
    const stored = builtInKinds.filter(({ isVirtual }) => !isVirtual)
    await inTurns([...stored.entries()], async ([turn, kind]) => {
      const created = await send({ method: 'POST', path: collection(kind), body: manifestOf(kind) })
      const { name } = (created.json as { metadata: { name?: string } }).metadata
      for (const [at, body] of patches.entries()) {
        // Each kind meets each patch in one type or another, and each type; all of all types meet a pod below.
        const type = (at + turn) % patchTypes.length
        const query = patchTypes[type] === apply ? '?fieldManager=x' : ''
        const path = `${collection(kind)}/${name ?? 'a'}${query}`
        await send({ method: 'PATCH', path, body, headers: patchTypes[type]! })
      }
    })
    const pod = `${collection(builtInKinds.find(({ kind }) => kind === 'Pod')!)}/a?fieldManager=x`
    for (const body of patches) {
      for (const headers of patchTypes) await send({ method: 'PATCH', path: pod, body, headers })
    }
  })

  it('in queries and paths is refused', async () => {
    const listed = builtInKinds.filter(({ isVirtual }) => !isVirtual)
    const requests = queries.flatMap((query, at): Hostile[] =>
      [0, 1, 2].map((step) => ({
        method: step === 2 ? 'DELETE' : 'GET',
        path: `${collection(listed[(at * 3 + step) % listed.length]!).replace('/default/', '/elsewhere/')}?${query}`,
      })),
    )
    await inTurns(requests, send)
    await inTurns(
      paths.flatMap((path) => ['GET', 'POST', 'DELETE'].map((method) => ({ method, path }))),
      send,
    )
  })

  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      [],
      {},
      '',
      -1,
      0,
      1e30,
      true,
      [null],
      [[]],
      [{}],
      { '': null },
      'x'.repeat(300),
    ),
    fc.constantFrom<unknown>(
      '__proto__',
      '%',
      '1Gi',
      '-1',
      '2001-01-01T00:00:00Z',
      '::1',
      '*',
      'a=b',
      '$(X)',
      '(a+)+$',
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const mutation = fc.record({ at: fc.nat(), member: fc.nat(), value: odd, adds: fc.boolean() })

  it('in any field is refused or taken, never the server’s fault', async () => {
    const kinds = builtInKinds.filter(({ isVirtual }) => !isVirtual)
    const anyRequest = fc.record({
      kind: fc.constantFrom(...kinds),
      mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
      patchType: fc.constantFrom(...patchTypes.slice(1)),
    })
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ kind, mutations, patchType: headers }) => {
        const body = manifestOf(kind)
        for (const one of mutations) mutate(body, one)
        await send({ method: 'POST', path: `${collection(kind)}?dryRun=All`, body })
        const { name = 'a' } = (body as { metadata?: { name?: unknown } }).metadata ?? {}
        if (typeof name === 'string' && /^[a-z0-9.-]+$/.test(name))
          await send({
            method: 'PATCH',
            path: `${collection(kind)}/${name}?${patchQuery(headers)}`,
            body,
            headers,
          })
      }),
      { numRuns: 100_000, interruptAfterTimeLimit: fuzzMs, markInterruptAsFailure: false },
    )
  })

  it('leaves the server as it was', async () => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const body = { metadata: { name: 'after' }, data: { k: 'v' } }
    const path = '/api/v1/namespaces/default/configmaps'
    expect((await send({ method: 'POST', path, body })).code).toBe(201)
    expect((await send({ method: 'GET', path: `${path}/after` })).json).toMatchObject({ data: { k: 'v' } })
    expect(process.memoryUsage().rss - startRss).toBeLessThan(512 * 1024 * 1024)
  })
})

function patchQuery(type: (typeof patchTypes)[number]): string {
  return type === apply ? 'dryRun=All&fieldManager=x' : 'dryRun=All'
}

interface Mutation {
  at: number
  member: number
  value: unknown
  adds: boolean
}

/** Puts an odd value somewhere into the object: in place of something, or as a field that its type has. */
function mutate(object: object, { at, member, value, adds }: Mutation): void {
  const places: Record<string, unknown>[] = []
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    places.push(part as Record<string, unknown>)
    for (const child of Object.values(part)) collect(child)
  }
  collect(object)
  const place = places[at % places.length]!
  const names = adds ? commonFields : Object.keys(place)
  const name = names[member % Math.max(1, names.length)]
  // The same value may come several times, which must not make a circle of it.
  if (name !== undefined) place[name] = structuredClone(value)
}

/** Fields of many types, so that some fit where they are put. */
const commonFields = (
  'spec status metadata labels annotations finalizers ownerReferences name namespace containers initContainers volumes ' +
  'env envFrom ports resources limits requests affinity tolerations topologySpreadConstraints securityContext selector ' +
  'matchLabels matchExpressions template replicas strategy rollingUpdate rules subjects roleRef data stringData type ' +
  'clusterIP clusterIPs ipFamilies ports targetPort protocol livenessProbe lifecycle configMap secret projected sources ' +
  'metrics behavior scaleTargetRef parallelism completions podFailurePolicy successPolicy schedule jobTemplate ingress ' +
  'egress podSelector from to tls hosts http paths backend endpoints addresses addressType taints podCIDR conditions ' +
  'accessModes capacity hostPath claimRef nodeAffinity storageClassName dataSource webhooks validations variables ' +
  'matchConstraints paramKind versions schema names group scope conversion subsets series regarding involvedObject ' +
  'request usages signerName devices constraints config scheduling overhead drivers limits hard scopes scopeSelector'
).split(' ')
