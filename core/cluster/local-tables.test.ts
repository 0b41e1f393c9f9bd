import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiRoot, type GroupVersionResource } from '../api/gvk.ts'
import { resources } from '../api/resources.ts'
import { columnsOf, rowsOf, type TableAnswer } from '../gateway/live/table.ts'
import type { TableEvent } from '../gateway/live/table-source.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'

let served: ServedControlPlane
beforeEach(async () => {
  served = await serveControlPlane()
})
afterEach(() => served[Symbol.asyncDispose]())

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const { signal } = new AbortController()

/** What the page is told of a list, without the ages, which move between two requests. */
function shown(kind: GroupVersionResource, answer: TableAnswer): unknown {
  const rows = rowsOf(kind, answer).map(({ cells, ...row }) => ({
    ...row,
    cells: cells.map((cell) => (/^\d+s$/.test(String(cell)) ? 'age' : cell)),
  }))
  return JSON.parse(JSON.stringify({ columns: columnsOf(answer), rows }))
}

describe('tables within the process', () => {
  it('say of every kind what the server says over HTTPS', async () => {
    const { client, plane } = served
    await client.create(resources.configMaps, { metadata: { name: 'web', namespace: 'default' } })
    await client.create(resources.services, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    const tables = plane.tablesFor('anna')
    let rows = 0
    for (const kind of plane.resources()) {
      const { body } = await served.get(`${apiRoot(kind)}/${kind.resource}?includeObject=Object`, table)
      const local = await tables(kind)!.list({ cluster: 'local', ...kind }, { limit: '500' }, signal)
      expect(shown(kind, local), kind.resource).toEqual(shown(kind, body as TableAnswer))
      rows += local.rows!.length
    }
    expect(rows).toBeGreaterThan(50)
  })

  it('go on by pages, and follow from the revision of the last', async () => {
    const { configMaps } = resources
    const target = { cluster: 'local', ...configMaps, namespace: 'default', labelSelector: 'app=web' }
    const create = (name: string, app = 'web'): Promise<unknown> =>
      served.client.create(configMaps, { metadata: { name, namespace: 'default', labels: { app } } })
    for (const name of ['a', 'b', 'c']) await create(name)
    await create('other', 'db')
    const source = served.plane.tablesFor('anna')(configMaps)!
    const first = await source.list(target, { limit: '2' }, signal)
    const next = { limit: '2', continue: first.metadata!.continue! }
    const last = await source.list(target, next, signal)
    const names = [first, last].map(({ rows }) => rows!.map(({ object }) => object.metadata.name))
    expect([names, last.metadata!.continue]).toEqual([[['a', 'b'], ['c']], undefined])

    const stop = new AbortController()
    const { promise, resolve } = Promise.withResolvers<TableEvent>()
    const query = { resourceVersion: last.metadata!.resourceVersion! }
    const ended = source.watch(target, query, {
      signal: stop.signal,
      onOpen: () => undefined,
      onEvents: ([event]) => resolve(event!),
    })
    await create('d')
    expect(await promise).toMatchObject({
      type: 'ADDED',
      object: { rows: [{ cells: ['d', 0, expect.any(String)], object: { metadata: { name: 'd' } } }] },
    })
    stop.abort()
    await ended
  })

  it('are none for what the registry does not serve', () => {
    const tables = served.plane.tablesFor('anna')
    expect(tables({ group: 'example.com', version: 'v1', resource: 'ships' })).toBeUndefined()
  })
})
