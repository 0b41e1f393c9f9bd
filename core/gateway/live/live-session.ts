import type { WebSocket } from 'ws'
import type { LiveRequest, LiveTarget } from '../../api/live.ts'
import { badRequest } from '../../api/status.ts'
import type { Status } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import { toStatusError } from '../answers.ts'
import type { LiveChanges, LiveList, LiveReader } from './live-list.ts'
import type { LiveLists } from './live-lists.ts'
import { checkTarget } from './table-watch.ts'

const maxSubscriptions = 500
/** Unsent bytes above which a page is slow: its changes are gathered until it has caught up. */
const slowBytes = 1024 * 1024
const pingMs = 30_000

/** What a subscription still has to be told. `snapshot` makes changes before it moot. */
interface Outbox {
  needsSnapshot: boolean
  needsDelta: boolean
  changes: Map<string, string | undefined>
}

interface Subscription {
  source: ({ list: LiveList } & Disposable) | undefined
  outbox: Outbox
}

/**
 * Serves one `/live` socket (core/api/live.ts) until it closes. A slow page gets fewer, merged messages, never a queue
 * that grows: per row only the newest state waits, and where most of a list waits, a fresh snapshot takes its place.
 */
export function serveLiveSession(webSocket: WebSocket, lists: LiveLists, clock: Clock): void {
  const subscriptions = new Map<number, Subscription>()
  let isAlive = true

  function send(message: string): void {
    webSocket.send(message, () => {
      if (webSocket.bufferedAmount < slowBytes) flushAll()
    })
  }
  function sendError(id: number, status: Status): void {
    send(JSON.stringify({ id, type: 'error', status }))
  }

  function flush(id: number, { source, outbox }: Subscription): void {
    if (!source || webSocket.bufferedAmount >= slowBytes) return
    const { list } = source
    if (!outbox.needsSnapshot && !outbox.needsDelta) return
    const isMostlyChanged = outbox.changes.size > 100 && outbox.changes.size > list.size / 2
    const message =
      outbox.needsSnapshot || isMostlyChanged ? list.snapshot(id) : deltaMessage(id, list, outbox.changes)
    clear(outbox)
    send(message)
  }
  function flushAll(): void {
    for (const [id, subscription] of subscriptions) flush(id, subscription)
  }

  function subscribe(id: number, target: LiveTarget): void {
    unsubscribe(id)
    if (subscriptions.size >= maxSubscriptions) throw badRequest(`at most ${maxSubscriptions} subscriptions`)
    checkTarget(target)
    const subscription: Subscription = {
      source: undefined,
      outbox: { needsSnapshot: false, needsDelta: false, changes: new Map() },
    }
    const { outbox } = subscription
    const reader: LiveReader = {
      reset() {
        outbox.needsSnapshot = true
        flush(id, subscription)
      },
      changed(changes: LiveChanges) {
        outbox.needsDelta = true
        if (!outbox.needsSnapshot) for (const [uid, row] of changes) outbox.changes.set(uid, row)
        flush(id, subscription)
      },
      failed(status) {
        clear(outbox)
        sendError(id, status)
      },
    }
    subscriptions.set(id, subscription)
    try {
      subscription.source = lists.open(target, reader)
    } catch (error) {
      subscriptions.delete(id)
      throw error
    }
    flush(id, subscription)
  }

  function unsubscribe(id: number): void {
    subscriptions.get(id)?.source?.[Symbol.dispose]()
    subscriptions.delete(id)
  }

  function onMessage(text: string): void {
    const request = parseRequest(text)
    if (!request) {
      webSocket.close(1008, 'not a live request')
      return
    }
    if (request.op === 'unsubscribe') {
      unsubscribe(request.id)
      return
    }
    try {
      subscribe(request.id, request.target)
    } catch (error) {
      sendError(request.id, toStatusError(error).status)
    }
  }

  const pinger = clock.every(pingMs, () => {
    if (!isAlive) {
      webSocket.terminate()
      return
    }
    isAlive = false
    webSocket.ping()
  })
  webSocket.on('pong', () => (isAlive = true))
  webSocket.on('error', () => undefined)
  webSocket.on('message', (data) => onMessage((data as Buffer).toString('utf8')))
  webSocket.once('close', () => {
    pinger[Symbol.dispose]()
    for (const id of [...subscriptions.keys()]) unsubscribe(id)
  })
}

function parseRequest(text: string): LiveRequest | undefined {
  try {
    const request = JSON.parse(text) as Partial<LiveRequest> | null
    if (!Number.isSafeInteger(request?.id)) return undefined
    if (request?.op === 'unsubscribe') return request as LiveRequest
    return request?.op === 'subscribe' && typeof request.target === 'object'
      ? (request as LiveRequest)
      : undefined
  } catch {
    // Not JSON: no page of ours.
    return undefined
  }
}

function clear(outbox: Outbox): void {
  outbox.needsSnapshot = false
  outbox.needsDelta = false
  outbox.changes = new Map()
}

function deltaMessage(id: number, list: LiveList, changes: LiveChanges): string {
  const upserts: string[] = []
  const deletes: string[] = []
  for (const [uid, row] of changes) {
    if (row === undefined) deletes.push(uid)
    else upserts.push(row)
  }
  return `{"id":${id},"type":"delta","upserts":[${upserts.join(',')}],"deletes":${JSON.stringify(deletes)},${list.messageEnd}`
}
