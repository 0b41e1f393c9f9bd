import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveMessage, LiveTarget } from '../../api/live.ts'
import { systemClock } from '../../util/clock.ts'
import { refusal } from '../testing/fake-api-server.ts'
import { podNamed as pod, useGateway } from '../testing/use-gateway.ts'

const under = useGateway()

/** A page's side of `/live`. */
class LivePage {
  readonly messages: LiveMessage[] = []
  readonly socket: WebSocket
  #waiting: Array<() => void> = []

  constructor() {
    this.socket = new WebSocket(`ws://127.0.0.1:${under.gateway.port}/live`, { headers: under.bearer() })
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()) as LiveMessage)
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  async subscribe(id: number, target: Partial<LiveTarget> = {}): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN)
      await new Promise((resolve) => this.socket.once('open', resolve))
    const full = { cluster: 'local', group: '', version: 'v1', resource: 'pods', ...target }
    this.socket.send(JSON.stringify({ op: 'subscribe', id, target: full }))
  }

  /** Waits for the `count`-th message and gives it. */
  async message<T extends LiveMessage['type']>(
    count: number,
    type: T,
  ): Promise<Extract<LiveMessage, { type: T }>> {
    while (this.messages.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const message = this.messages[count - 1]!
    expect(message.type).toBe(type)
    return message as Extract<LiveMessage, { type: T }>
  }
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve))
}
describe('live lists', () => {
  it('sends a snapshot, then only what changed, gathered', async () => {
    const list = under.api.list('/api/v1/pods', [pod('a', { app: 'x' }), pod('b')])
    const page = new LivePage()
    await page.subscribe(7)
    const snapshot = await page.message(1, 'snapshot')
    expect(snapshot).toMatchObject({ id: 7, columns: [{ name: 'Name' }] })
    expect(snapshot.rows.map(({ name, labels, cells }) => ({ name, labels, cells }))).toEqual([
      { name: 'a', labels: { app: 'x' }, cells: ['a'] },
      { name: 'b', labels: {}, cells: ['b'] },
    ])
    expect(snapshot.rows[0]!.data).toMatchObject({ ready: 0, containers: [] })
    await until(() => list.watchers === 1)
    list.set(pod('c'))
    list.set(pod('a', { app: 'y' }))
    list.delete('b')
    const delta = await page.message(2, 'delta')
    expect(delta.upserts.map(({ name }) => name)).toEqual(['c', 'a'])
    expect(delta.deletes).toEqual(['uid-b'])
    expect(page.messages).toHaveLength(2)
  })

  it('shows the first page of a long list before the others are there', async () => {
    const others = Promise.withResolvers<void>()
    under.api.routes.set('/api/v1/pods', (_request, response, query) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      if (query.has('watch')) return
      const isFirst = !query.has('continue')
      const { metadata, ...rest } = pod(isFirst ? 'a' : 'b')
      const items = [{ ...rest, metadata: { ...metadata, uid: `uid-${metadata.name}` } }]
      const list = { resourceVersion: '7', ...(isFirst && { continue: 'more' }) }
      const text = JSON.stringify({ kind: 'PodList', metadata: list, items })
      if (isFirst) response.end(text)
      else void others.promise.then(() => response.end(text))
    })
    const page = new LivePage()
    await page.subscribe(1)
    const snapshot = await page.message(1, 'snapshot')
    expect([snapshot.more, ...snapshot.rows.map(({ name }) => name)]).toEqual([true, 'a'])
    others.resolve()
    const delta = await page.message(2, 'delta')
    expect(delta.upserts.map(({ name }) => name)).toEqual(['b'])
    const isWhole = (message: LiveMessage | undefined): boolean => message?.type === 'delta' && !message.more
    await until(() => isWhole(page.messages.at(-1)))
    await page.subscribe(2)
    await until(() => page.messages.some(({ id }) => id === 2))
    expect(page.messages.at(-1)).toMatchObject({
      id: 2,
      type: 'snapshot',
      rows: [{ name: 'a' }, { name: 'b' }],
    })
    expect(page.messages.at(-1)).not.toHaveProperty('more')
  })

  it('follows a list once for any number of readers', async () => {
    const list = under.api.list('/api/v1/namespaces/default/pods', [pod('a')])
    const pages = [new LivePage(), new LivePage()]
    for (const page of pages) {
      await page.subscribe(1, { namespace: 'default' })
      await page.subscribe(2, { namespace: 'default' })
    }
    await Promise.all(pages.map((page) => page.message(2, 'snapshot')))
    await until(() => list.watchers === 1)
    list.set(pod('b'))
    await Promise.all(pages.map((page) => page.message(4, 'delta')))
    expect(under.api.requests.filter((line) => line.includes('/pods'))).toEqual([
      'GET /api/v1/namespaces/default/pods',
      'GET /api/v1/namespaces/default/pods watch',
    ])
  })

  it('resumes a watch that ends, and lists anew when its revision is gone', async () => {
    const list = under.api.list('/api/v1/pods', [pod('a')])
    const page = new LivePage()
    await page.subscribe(1)
    await page.message(1, 'snapshot')
    await until(() => list.watchers === 1)
    list.endWatches()
    await until(() => list.watchers === 0)
    await until(() => list.watchers === 1)
    list.set(pod('b'))
    await page.message(2, 'delta')
    list.endWatches(refusal(410, 'Expired'))
    const snapshot = await page.message(3, 'snapshot')
    expect(snapshot.rows).toHaveLength(2)
  })

  it('tells what is wrong and recovers by itself', async () => {
    const list = under.api.list('/api/v1/pods', [pod('a')])
    list.refuse(refusal(403, 'Forbidden'))
    const page = new LivePage()
    await page.subscribe(1)
    expect((await page.message(1, 'error')).status).toMatchObject({ code: 403, reason: 'Forbidden' })
    list.refuse(undefined)
    const next = page.messages.findIndex(({ type }) => type === 'snapshot')
    expect(next).toBe(-1)
    await until(() => page.messages.some(({ type }) => type === 'snapshot'))
    await page.subscribe(2, { cluster: 'gone' })
    await until(() => page.messages.some((message) => message.id === 2 && message.type === 'error'))
    await page.subscribe(3, { cluster: 'unknown' })
    await page.subscribe(4, { resource: '../secrets' })
    await until(() => page.messages.some(({ id }) => id === 4))
    const codes = page.messages.flatMap((message) =>
      message.type === 'error' ? [[message.id, message.status.code]] : [],
    )
    expect(codes).toContainEqual([3, 404])
    expect(codes).toContainEqual([4, 400])
  })

  it('gathers changes for a page that does not read', async () => {
    const list = under.api.list('/api/v1/pods', [])
    const page = new LivePage()
    await page.subscribe(1)
    await page.message(1, 'snapshot')
    await until(() => list.watchers === 1)
    page.socket.pause()
    const bulk = 'x'.repeat(20_000)
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 100; index++) list.set(pod(`p${index}`, { bulk, round: String(round) }))
      await new Promise((resolve) => systemClock.after(60, () => resolve(undefined)))
    }
    page.socket.resume()
    const rounds = new Map<string, string>()
    const look = (): boolean => {
      for (const message of page.messages.splice(0)) {
        const rows =
          message.type === 'delta' ? message.upserts : message.type === 'snapshot' ? message.rows : []
        for (const row of rows) rounds.set(row.name, row.labels!['round']!)
      }
      return rounds.size === 100 && [...rounds.values()].every((round) => round === '19')
    }
    await until(look)
  })
})
