import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { builtInKinds } from '../kinds/index.ts'
import { createRegistry } from '../registry/create-registry.ts'
import type { Column } from '../registry/kind.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

/** Works for all objects but those of this name. */
const picky: Column<KubeObject> = {
  name: 'Picky',
  type: 'string',
  value({ metadata }) {
    if (metadata.name.startsWith('bad')) throw new Error('nothing to print')
    return 'fine'
  },
}

/** An open watch, and its events as they come. */
async function openWatch(test: TestServer, query: string, headers = {}) {
  const path = `${configMaps}?watch=1&${query}`
  const request = httpsRequest({ ...test.connection(), path, headers, agent: false }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  // Closing the watch is such an error.
  response.on('error', () => undefined)
  response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  return {
    events: () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as WatchEvent])),
    ended: new Promise((resolve) => response.once('end', resolve)),
    close: () => request.destroy(),
  }
}

interface WatchEvent {
  type: string
  object: { kind: string; code?: number; reason?: string; message?: string }
}

describe('a column that throws', () => {
  let test: TestServer
  beforeAll(async () => {
    const kinds = builtInKinds.map((kind) =>
      kind.group === '' && kind.names.plural === 'configmaps'
        ? { ...kind, columns: [...kind.columns, picky] }
        : kind,
    )
    const registry = createRegistry({
      store: createMemoryStore(),
      kinds,
      admission: [],
      clock: systemClock,
      log: silentLogger,
    })
    test = await startTestServer(() => ({ registry }))
  })
  afterAll(() => test.close())

  async function create(name: string): Promise<string> {
    const { code, json } = await test.call('POST', configMaps, { body: { metadata: { name } } })
    expect(code).toBe(201)
    return json.metadata.resourceVersion
  }
  const failure = {
    type: 'ERROR',
    object: expect.objectContaining({ kind: 'Status', code: 500, reason: 'InternalError' }),
  }

  it('ends the watch of Tables that it fails in with a Status, and no other watch', async () => {
    const resourceVersion = await create('good-1')
    const tables = await openWatch(test, `resourceVersion=${resourceVersion}`, asTable)
    const objects = await openWatch(test, `resourceVersion=${resourceVersion}`)
    await create('good-2')
    await expect.poll(() => tables.events().length).toBe(1)
    await create('bad-1')
    await tables.ended
    expect(tables.events()).toEqual([{ type: 'ADDED', object: expect.anything() }, failure])
    expect(JSON.stringify(tables.events()[1])).toContain('nothing to print')
    await create('good-3')
    await expect.poll(() => objects.events().map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED'])
    objects.close()
  })

  it('ends a watch that begins with such an object, and answers a list with 500', async () => {
    await create('bad-2')
    const tables = await openWatch(test, 'resourceVersion=0', asTable)
    await tables.ended
    expect(tables.events().at(-1)).toEqual(failure)
    const { code, json } = await test.call('GET', configMaps, { headers: asTable })
    expect([code, json.reason]).toEqual([500, 'InternalError'])
  })

  it('leaves nothing behind of a watch that it has ended', async () => {
    await create('bad-3')
    const tables = await openWatch(test, 'resourceVersion=0', asTable)
    await tables.ended
    const watches = async (): Promise<string | undefined> => {
      const metrics = (await test.call('GET', '/metrics')).raw.toString()
      return /^apiserver_longrunning_requests\{.*resource="configmaps".*\} (\d+)$/m.exec(metrics)?.[1]
    }
    await expect.poll(watches).toBe('0')
  })

  it('ends a watch within the process whose reader fails', async () => {
    await create('bad-4')
    const transport = test.server.localTransport({ name: 'anna', groups: ['system:masters'] })
    const resource = { group: '', version: 'v1', resource: 'configmaps' }
    const call = { resource, query: { resourceVersion: '0' }, signal: new AbortController().signal }
    const watched = transport.watch(call, (events) => {
      for (const { object } of events) picky.value(object, 0)
    })
    await expect(watched).rejects.toThrow('nothing to print')
  })
})
