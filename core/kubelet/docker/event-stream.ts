import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { RuntimeChange } from '../runtime/runtime.ts'
import { label, ownedFilters } from './labels.ts'
import type { Owner } from './labels.ts'
import { nodeType } from './node-network.ts'

interface EngineEvent {
  Action?: string
  Actor?: { Attributes?: Record<string, string> }
}

const actions: Record<string, RuntimeChange['action']> = {
  start: 'start',
  die: 'die',
  oom: 'oom',
  create: 'create',
  destroy: 'destroy',
}

const firstRetryMs = 250
const longestRetryMs = 5_000

interface EventStreamOptions {
  docker: Docker
  owner: Owner
  /** The container of the node's network may have ended. */
  onNodeNetwork(): void
  clock: Clock
  log: Logger
}

/**
 * Follows the engine's events about this node's containers, and connects again (250 ms doubling to 5 s) whenever the
 * stream breaks, as it does when dockerd restarts. Every new connection is announced with a `resync`, since events may
 * have been missed before it.
 */
export function followEvents(
  options: EventStreamOptions,
  listener: (change: RuntimeChange) => void,
): Disposable {
  const { docker, owner, clock, log } = options
  const filters = { ...ownedFilters(owner), type: ['container'], event: Object.keys(actions) }
  let disposed = false
  let current: Readable | undefined
  let timer: Disposable | undefined
  let retryMs = firstRetryMs

  async function follow(): Promise<void> {
    const stream = (await docker.getEvents({ filters: JSON.stringify(filters) })) as Readable
    if (disposed) {
      stream.destroy()
      return
    }
    current = stream
    retryMs = firstRetryMs
    listener({ podUid: '', kind: 'sandbox', action: 'resync' })
    options.onNodeNetwork()
    let rest = ''
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) report(line)
    }
  }

  function report(line: string): void {
    if (line.trim() === '') return
    const event = JSON.parse(line) as EngineEvent
    const action = actions[event.Action ?? '']
    const attributes = event.Actor?.Attributes ?? {}
    const podUid = attributes[label.podUid]
    if (attributes[label.type] === nodeType && action === 'die') options.onNodeNetwork()
    if (!action || !podUid) return
    listener({ podUid, kind: attributes[label.type] === 'podsandbox' ? 'sandbox' : 'container', action })
  }

  function run(): void {
    follow()
      .catch((error: unknown) => log.debug('docker event stream broke', { error }))
      .finally(() => {
        current = undefined
        if (disposed) return
        timer = clock.after(retryMs, run)
        retryMs = Math.min(retryMs * 2, longestRetryMs)
      })
      .catch((error: unknown) => log.error('docker event stream cannot be followed', { error }))
  }

  run()
  return {
    [Symbol.dispose]() {
      disposed = true
      timer?.[Symbol.dispose]()
      current?.destroy()
    },
  }
}
