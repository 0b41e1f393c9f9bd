import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

/** Of the longest bodies that are taken: what grows with the square of their parts takes minutes, what does not a second. */
const testTimeoutMs = 20_000

const namespace = '/api/v1/namespaces/default'
const configMaps = `${namespace}/configmaps`
const templates = `${namespace}/podtemplates`
const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
const merge = { 'content-type': 'application/merge-patch+json' }
const apply = { 'content-type': 'application/apply-patch+yaml' }

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server.close())

function times<T>(count: number, item: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => item(at))
}

function members(count: number, name: string): Record<string, string> {
  return Object.fromEntries(times(count, (at) => [`${name}${at}`, 'v'.repeat(16)]))
}

/** Variables of a container: `count` from `first` on. */
function env(count: number, first = 0, more: object = {}): object[] {
  return times(count, (at) => ({ name: `E${first + at}`, ...more }))
}

function template(container: object): object {
  return { template: { spec: { containers: [{ name: 'c', ...container }] } } }
}

async function create(path: string, body: object): Promise<void> {
  const { code, raw } = await server.call('POST', path, { body })
  expect(code, raw.toString().slice(0, 500)).toBe(201)
}

async function createTemplate(name: string, variables: object[]): Promise<string> {
  await create(templates, { metadata: { name }, ...template({ image: 'i', env: variables }) })
  return `${templates}/${name}`
}

async function patch(
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<ReturnType<typeof JSON.parse>> {
  const { code, json, raw } = await server.call('PATCH', path, { body, headers })
  expect(code, raw.toString().slice(0, 500)).toBeLessThan(300)
  return json
}

describe('the longest bodies take no longer than in proportion', { timeout: testTimeoutMs }, () => {
  it('of owner references', async () => {
    const references = times(30_000, (at) => ({ apiVersion: 'v1', kind: 'A', name: `a${at}`, uid: `u${at}` }))
    const body = { metadata: { name: 'owned', ownerReferences: [...references, references[7]] } }
    const { code, json, headers } = await server.call('POST', configMaps, { body })
    expect(code).toBe(201)
    expect(json.metadata.ownerReferences).toHaveLength(references.length)
    expect(String(headers['warning'])).toContain('duplicate UID(s) observed: u7')
  })

  it('of managers, of which the oldest become one', async () => {
    const managedFields = times(18_000, (at) => ({
      manager: `m${at}`,
      operation: 'Update',
      apiVersion: 'v1',
      time: '2020-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { [`f:k${at}`]: {} } },
    }))
    const { code, json } = await server.call('POST', configMaps, {
      body: { metadata: { name: 'm', managedFields } },
    })
    expect(code).toBe(201)
    const entries: { manager: string; fieldsV1: { 'f:data': object } }[] = json.metadata.managedFields
    expect(entries).toHaveLength(10)
    const [first] = entries
    expect(first!.manager).toBe('ancient-changes')
    expect(Object.keys(first!.fieldsV1['f:data'])).toHaveLength(18_000 - 9)
  })

  it('of variables, of which two are of one name', async () => {
    const last = { name: 'E0', value: 'other' }
    const body = {
      metadata: { name: 'repeated', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i', env: [...env(90_000), last] }] },
    }
    const { code, headers, raw } = await server.call('POST', `${namespace}/pods`, { body })
    expect(code, raw.toString().slice(0, 500)).toBe(201)
    expect(String(headers['warning'])).toContain('spec.containers[0].env[90000]: hides previous definition')
  })

  it('of strategic patches that change many items of many', async () => {
    const path = await createTemplate('strategic', env(80_000))
    const changed = await patch(path, template({ env: env(60_000, 40_000, { value: 'x' }) }), strategic)
    const variables: { name: string; value?: string }[] = changed.template.spec.containers[0].env
    expect(variables).toHaveLength(100_000)
    expect(variables.filter(({ value }) => value === 'x')).toHaveLength(60_000)
  })

  it('of strategic patches that delete many items', async () => {
    const path = await createTemplate('deleted', env(60_000))
    const deletions = env(59_999, 1, { $patch: 'delete' })
    const left = await patch(path, template({ env: deletions }), strategic)
    expect(left.template.spec.containers[0].env).toEqual([{ name: 'E0' }])
  })

  it('of strategic patches that delete many values', async () => {
    const finalizers = times(80_000, (at) => `a.b/c${at}`)
    await create(configMaps, { metadata: { name: 'final', finalizers } })
    const change = { metadata: { '$deleteFromPrimitiveList/finalizers': finalizers.slice(1) } }
    const left = await patch(`${configMaps}/final`, change, strategic)
    expect(left.metadata.finalizers).toEqual(['a.b/c0'])
  })

  it('of applied lists in another order', async () => {
    const applied = (list: object[]): object => ({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'applied' },
      ...template({ image: 'i', env: list }),
    })
    const path = `${templates}/applied?fieldManager=x`
    await patch(path, applied(env(60_000)), apply)
    const again = await patch(path, applied(env(60_000).reverse()), apply)
    expect(again.template.spec.containers[0].env[0]).toEqual({ name: 'E59999' })
  })

  it('of finalizers of what is being deleted', async () => {
    const finalizers = times(80_000, (at) => `a.b/c${at}`)
    await create(configMaps, { metadata: { name: 'going', finalizers } })
    await server.call('DELETE', `${configMaps}/going`)
    const left = await patch(`${configMaps}/going`, { metadata: { finalizers: finalizers.slice(9) } }, merge)
    expect(left.metadata.finalizers).toHaveLength(80_000 - 9)
  })
})

describe('others are answered while', { timeout: testTimeoutMs }, () => {
  /** How often the event loop goes round while this is done. */
  async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
    let turns = 0
    let isDone = false
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await work()
    isDone = true
    return turns
  }

  const configMap = (name: string, count: number): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: members(count, 'k'),
  })

  it('an object of 60,000 members is created, changed and applied', async () => {
    const resource = server.registry.resource('', 'v1', 'configmaps')!
    const context = {
      user: { name: 'a', groups: [] },
      dryRun: false,
      fieldManager: 'a',
      now: '2026-01-01T00:00:00Z',
      warn: () => undefined,
    }
    const ref = (name: string) => ({ namespace: 'default', name })
    const run = async (name: string, count: number): Promise<number[]> => [
      await turnsDuring(() => resource.create('default', configMap(name, count) as never, { context })),
      await turnsDuring(() => resource.update(ref(name), configMap(name, count - 1) as never, { context })),
      await turnsDuring(() =>
        resource.patch(ref(`${name}2`), { type: 'apply', patch: configMap(`${name}2`, count) }, { context }),
      ),
    ]
    const few = await run('few', 2)
    const many = await run('many', 60_000)
    for (const [at, turns] of many.entries()) expect(turns - few[at]!).toBeGreaterThanOrEqual(2)
  })
})
