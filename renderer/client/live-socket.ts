import type { LiveMessage, LiveRequest, LiveTarget } from '../../core/api/live.ts'

/** `connecting` is also the state before the first connection; `lost` = was open, retrying. */
export type LiveState = 'connecting' | 'open' | 'lost'

export type LiveHandler = (message: LiveMessage) => void

export interface LiveSocket {
  /** Subscribes until the returned function is called; survives reconnections, with a fresh snapshot after each. */
  subscribe(target: LiveTarget, handler: LiveHandler): () => void
  /** Retries now instead of after the current delay. */
  retryNow(): void
  close(): void
}

export interface LiveSocketOptions {
  connect(): WebSocket
  onState(state: LiveState): void
}

/** Delays between attempts grow from 0.3 s to 5 s and start over once a connection has delivered a message. */
const firstDelayMs = 300
const longestDelayMs = 5_000

/** The `/live` connection (core/api/live.ts): one socket, any number of subscriptions, reconnecting by itself. */
export function createLiveSocket(options: LiveSocketOptions): LiveSocket {
  const subscriptions = new Map<number, { target: LiveTarget; handler: LiveHandler }>()
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let nextId = 1
  let delayMs = firstDelayMs
  let closed = false

  function transmit(request: LiveRequest): void {
    if (socket?.readyState === 1) socket.send(JSON.stringify(request))
  }

  function open(): void {
    timer = undefined
    const current = options.connect()
    socket = current
    current.onopen = () => {
      options.onState('open')
      for (const [id, { target }] of subscriptions) transmit({ op: 'subscribe', id, target })
    }
    current.onmessage = (event: MessageEvent<string>) => {
      delayMs = firstDelayMs
      const message = JSON.parse(event.data) as LiveMessage
      subscriptions.get(message.id)?.handler(message)
    }
    current.onclose = () => {
      if (socket !== current || closed) return
      socket = undefined
      options.onState('lost')
      timer = setTimeout(open, delayMs)
      delayMs = Math.min(delayMs * 2, longestDelayMs)
    }
  }

  options.onState('connecting')
  open()
  return {
    subscribe(target, handler) {
      const id = nextId++
      subscriptions.set(id, { target, handler })
      transmit({ op: 'subscribe', id, target })
      return () => {
        if (subscriptions.delete(id)) transmit({ op: 'unsubscribe', id })
      }
    },
    retryNow() {
      if (socket || closed) return
      clearTimeout(timer)
      open()
    },
    close() {
      closed = true
      clearTimeout(timer)
      socket?.close()
      subscriptions.clear()
    },
  }
}
