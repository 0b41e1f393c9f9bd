import { Agent } from 'node:https'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoot } from '../api/gvk.ts'
import { builtInKinds } from '../kinds/index.ts'
import { manifestOf } from '../kinds/testing/minimal-manifests.ts'
import type { KindDefinition } from '../registry/kind.ts'
import { startTestServer } from './testing/test-server.ts'
import type { CallOptions, Reply, TestServer } from './testing/test-server.ts'
import {
  apply,
  bodies,
  mutate,
  patches,
  patchQuery,
  patchTypes,
  paths,
  queries,
} from './testing/hostile-values.ts'

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

function isStrategicPatch(method: string, { headers }: CallOptions): boolean {
  return method === 'PATCH' && headers?.['content-type'] === 'application/strategic-merge-patch+json'
}

interface Hostile extends CallOptions {
  method: string
  path: string
}

/**
 * Sends one request: whatever it is, the answer comes soon and is a success, a Status of the client's fault, or no page. For
 * much that is wrong with a strategic patch upstream has no code: it answers 500, with what is wrong and no reason.
 */
async function send({ method, path, ...options }: Hostile): Promise<Reply> {
  const startedAt = performance.now()
  const reply = await server.call(method, path, { ...options, agent })
  const what = `${method} ${path.slice(0, 200)} ${show(options.body)}`
  const answer = `${what} -> ${reply.code} ${reply.raw.toString().slice(0, 300)}`
  if (reply.code === 500 && isStrategicPatch(method, options))
    expect(reply.json.reason, answer).toBeUndefined()
  else expect(reply.code, answer).toBeLessThan(500)
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
