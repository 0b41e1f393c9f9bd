import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveMessage, LiveRequest } from '../../core/api/live.ts'
import { createLiveSocket, type LiveState } from './live-socket.ts'

/** The browser's WebSocket, as far as the client uses it. */
class WireSocket {
  readyState = 0
  sent: LiveRequest[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  send(text: string): void {
    this.sent.push(JSON.parse(text) as LiveRequest)
  }
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  deliver(message: LiveMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

const target = { cluster: 'local', group: '', version: 'v1', resource: 'pods' }
const snapshot = (id: number): LiveMessage => ({
  id,
  type: 'snapshot',
  columns: [],
  rows: [],
  resourceVersion: '1',
})

describe('createLiveSocket', () => {
  const sockets: WireSocket[] = []
  const states: LiveState[] = []
  beforeEach(() => {
    vi.useFakeTimers()
    sockets.length = 0
    states.length = 0
  })
  afterEach(() => vi.useRealTimers())

  function connect(): ReturnType<typeof createLiveSocket> {
    return createLiveSocket({
      connect: () => {
        const socket = new WireSocket()
        sockets.push(socket)
        return socket as unknown as WebSocket
      },
      onState: (state) => states.push(state),
    })
  }

  it('subscribes once open, hands messages to their subscription, and unsubscribes', () => {
    const live = connect()
    const received: string[] = []
    const stop = live.subscribe(target, ({ type }) => received.push(type))
    sockets[0]!.open()
    expect(sockets[0]!.sent).toEqual([{ op: 'subscribe', id: 1, target }])
    sockets[0]!.deliver(snapshot(1))
    sockets[0]!.deliver(snapshot(7))
    stop()
    sockets[0]!.deliver(snapshot(1))
    expect(received).toEqual(['snapshot'])
    expect(sockets[0]!.sent.at(-1)).toEqual({ op: 'unsubscribe', id: 1 })
  })

  it('reconnects by itself and subscribes anew', () => {
    const live = connect()
    live.subscribe(target, () => undefined)
    sockets[0]!.open()
    sockets[0]!.close()
    expect(states.at(-1)).toBe('lost')
    vi.advanceTimersByTime(300)
    sockets[1]!.open()
    expect(sockets[1]!.sent).toEqual([{ op: 'subscribe', id: 1, target }])
    expect(states.at(-1)).toBe('open')
  })

  it('waits longer after each failure and starts over once a message came', () => {
    connect()
    for (const delayMs of [300, 600, 1_200]) {
      sockets.at(-1)!.close()
      const before = sockets.length
      vi.advanceTimersByTime(delayMs - 1)
      expect(sockets).toHaveLength(before)
      vi.advanceTimersByTime(1)
      expect(sockets).toHaveLength(before + 1)
    }
    sockets.at(-1)!.open()
    sockets.at(-1)!.deliver(snapshot(1))
    sockets.at(-1)!.close()
    vi.advanceTimersByTime(300)
    expect(sockets).toHaveLength(5)
  })

  it('retries at once when asked to', () => {
    const live = connect()
    sockets[0]!.close()
    live.retryNow()
    expect(sockets).toHaveLength(2)
    vi.advanceTimersByTime(10_000)
    expect(sockets).toHaveLength(2)
  })

  it('stays closed once closed', () => {
    const live = connect()
    live.close()
    vi.advanceTimersByTime(10_000)
    expect(sockets).toHaveLength(1)
  })
})
