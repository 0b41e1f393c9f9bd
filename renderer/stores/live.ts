import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { LiveTarget } from '../../core/api/live.ts'
import { LiveList } from '../client/live-list.ts'
import { createLiveSocket, type LiveSocket, type LiveState } from '../client/live-socket.ts'
import { webSocketUrl } from '../client/kube-path.ts'
import { nextFrame } from '../client/next-frame.ts'

/** How long a list nobody looks at stays subscribed, so that going back and forth costs nothing. */
const graceMs = 30_000

interface Entry {
  list: LiveList
  target: LiveTarget
  users: number
  unsubscribe: () => void
  timer: ReturnType<typeof setTimeout> | undefined
}

function keyOf(target: LiveTarget): string {
  return JSON.stringify([
    target.cluster,
    target.group,
    target.version,
    target.resource,
    target.namespace ?? '',
    target.labelSelector ?? '',
    target.fieldSelector ?? '',
  ])
}

/** The live lists of the page, shared and counted: two views of one list are one subscription. */
export const useLiveStore = defineStore('live', () => {
  const state = ref<LiveState>('connecting')
  const entries = new Map<string, Entry>()
  let socket: LiveSocket | undefined

  function connection(): LiveSocket {
    socket ??= createLiveSocket({
      connect: () => new WebSocket(webSocketUrl('/live')),
      onState: (next) => (state.value = next),
    })
    return socket
  }

  function drop(key: string, entry: Entry): void {
    entry.unsubscribe()
    entries.delete(key)
  }

  /** The list of a target, subscribed until the last user has released it and 30 s have passed. */
  function acquire(target: LiveTarget): LiveList {
    const key = keyOf(target)
    let entry = entries.get(key)
    if (!entry) {
      const list = new LiveList(nextFrame)
      entry = {
        list,
        target,
        users: 0,
        unsubscribe: connection().subscribe(target, list.receive),
        timer: undefined,
      }
      entries.set(key, entry)
    }
    clearTimeout(entry.timer)
    entry.users++
    return entry.list
  }

  function release(target: LiveTarget): void {
    const key = keyOf(target)
    const entry = entries.get(key)
    if (!entry || --entry.users > 0) return
    entry.timer = setTimeout(() => drop(key, entry), graceMs)
  }

  /** Asks anew for a list that ended in an error. */
  function retry(target: LiveTarget): void {
    const entry = entries.get(keyOf(target))
    if (!entry) return
    entry.unsubscribe()
    entry.list.state.value = 'loading'
    entry.unsubscribe = connection().subscribe(target, entry.list.receive)
  }

  /** Every list now held, for search. */
  function held(cluster: string): { target: LiveTarget; list: LiveList }[] {
    return [...entries.values()].filter(({ target }) => target.cluster === cluster)
  }

  function retryConnection(): void {
    socket?.retryNow()
  }
  return { state, acquire, release, retry, held, retryConnection }
})
