import { onScopeDispose, reactive, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { isAbort } from '../client/http.ts'
import { createKubeClient } from '../client/kube-client.ts'
import { streamLog, type TimedLine } from '../client/log-stream.ts'
import { nextFrame } from '../client/next-frame.ts'
import { LogBuffer } from '../components/logs/log-buffer.ts'
import { selectorTextOf } from '../kit/selector-of.ts'
import type { LogsTab } from '../stores/dock.ts'
import { useObjects } from './use-objects.ts'

export interface LogSource {
  pod: string
  container: string
  state: 'connecting' | 'streaming' | 'ended' | 'failed'
  message: string
}

export interface LogOptions {
  /** '' = all containers. */
  container: string
  previous: boolean
  tailLines: number | undefined
  sinceSeconds: number | undefined
}

export interface LogSession {
  buffer: LogBuffer
  /** Grows with every change of the buffer. */
  version: Ref<number>
  sources: LogSource[]
  pods: ShallowRef<Pod[]>
  error: ShallowRef<string>
  clear(): void
}

const capacity = 50_000
const reconnectMs = 1_500
/** Several streams' first lines are gathered this long, so that they can be put in order of time. */
const gatherMs = 350

function containersOf(pod: Pod, wanted: string): string[] {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name)
  return wanted ? all.filter((name) => name === wanted) : all
}

function isFinished(pod: Pod | undefined): boolean {
  return !pod || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/**
 * Follows the log of a pod, or of all pods a workload selects, into one bounded buffer; new pods join, lost streams are
 * taken up again where they ended. Ends with the caller's scope.
 */
export function useLogSession(tab: LogsTab, options: () => LogOptions): LogSession {
  const buffer = new LogBuffer(capacity)
  const version = ref(0)
  const sources = reactive<LogSource[]>([])
  const error = shallowRef('')
  const selector = shallowRef<string>()
  const isPod = tab.resource.kind === 'Pod'
  let running = new Map<string, AbortController>()
  let pending: { source: number; time: string; raw: string }[] = []
  let flushAt: 'none' | 'waiting' = 'none'
  let startedAt = performance.now()

  const watched = useObjects<Pod>(() => {
    const target = { cluster: tab.cluster, resource: resources.pods, namespace: tab.namespace }
    if (isPod) return { ...target, fieldSelector: `metadata.name=${tab.name}` }
    return selector.value ? { ...target, labelSelector: selector.value } : undefined
  })

  async function findSelector(): Promise<void> {
    try {
      const object = await createKubeClient(tab.cluster).get<Pod>(tab.resource, {
        namespace: tab.namespace,
        name: tab.name,
      })
      selector.value = selectorTextOf(object)
    } catch (cause) {
      error.value = cause instanceof Error ? cause.message : String(cause)
    }
  }
  if (!isPod) void findSelector()

  function flush(): void {
    flushAt = 'none'
    if (!pending.length) return
    const batch = pending
    pending = []
    if (sources.length > 1) batch.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    buffer.push(batch)
    version.value++
  }
  function scheduleFlush(): void {
    if (flushAt === 'waiting') return
    flushAt = 'waiting'
    const gathering = gatherMs - (performance.now() - startedAt)
    if (sources.length > 1 && gathering > 0) setTimeout(flush, gathering)
    else nextFrame(flush)
  }
  function take(source: number, lines: TimedLine[]): void {
    for (const { time, text } of lines) pending.push({ source, time, raw: text })
    scheduleFlush()
  }

  async function follow(index: number, signal: AbortSignal): Promise<void> {
    const source = sources[index]!
    const { previous, tailLines, sinceSeconds } = options()
    let lastTime = ''
    while (!signal.aborted) {
      try {
        const window = lastTime ? { sinceTime: lastTime } : { tailLines, sinceSeconds }
        const request = {
          cluster: tab.cluster,
          namespace: tab.namespace,
          pod: source.pod,
          container: source.container,
          follow: !previous,
          previous,
          ...window,
        }
        source.state = 'streaming'
        source.message = ''
        for await (const lines of streamLog(request, signal)) {
          // sinceTime counts whole seconds, so lines already seen come again.
          const fresh = lastTime ? lines.filter(({ time }) => time > lastTime) : lines
          lastTime = fresh.at(-1)?.time || lastTime
          if (fresh.length) take(index, fresh)
        }
        source.state = 'ended'
      } catch (cause) {
        if (signal.aborted || isAbort(cause)) return
        source.state = 'failed'
        source.message = cause instanceof Error ? cause.message : String(cause)
      }
      if (previous) return
      const pod = watched.objects.value.find(({ metadata }) => metadata.name === source.pod)
      if (isFinished(pod) && source.state === 'ended') return
      await new Promise((resolve) => setTimeout(resolve, reconnectMs))
      if (isFinished(watched.objects.value.find(({ metadata }) => metadata.name === source.pod)) && lastTime)
        return
    }
  }

  function startMissing(): void {
    for (const pod of watched.objects.value) {
      for (const container of containersOf(pod, options().container)) {
        const key = `${pod.metadata.uid}/${container}`
        if (running.has(key)) continue
        const controller = new AbortController()
        running.set(key, controller)
        sources.push({ pod: pod.metadata.name, container, state: 'connecting', message: '' })
        void follow(sources.length - 1, controller.signal)
      }
    }
  }
  function stop(): void {
    for (const controller of running.values()) controller.abort()
    running = new Map()
  }
  function clear(): void {
    pending = []
    buffer.clear()
    version.value++
  }

  watch(watched.objects, startMissing)
  watch(
    () => JSON.stringify(options()),
    () => {
      stop()
      sources.length = 0
      startedAt = performance.now()
      clear()
      startMissing()
    },
  )
  watch(watched.error, (status) => (error.value = status?.message ?? ''))
  onScopeDispose(stop)
  return { buffer, version, sources, pods: watched.objects, error, clear }
}
