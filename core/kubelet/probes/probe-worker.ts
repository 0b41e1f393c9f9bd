import type { Probe } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'

export type ProbeKind = 'readiness' | 'liveness' | 'startup'

export interface ProbeResult {
  ok: boolean
  /** Why it failed, upstream's wording after `Readiness probe failed: `. */
  output: string
  /** Something to tell of although it passed. */
  warning?: string
}

/** The state of one probe of one container: counts results in a row against the thresholds. */
export interface ProbeWorker extends Disposable {
  /** Undefined until a threshold was reached for the first time. */
  verdict(): boolean | undefined
  /** Runs the probe now instead of at its next period, unless its initial delay is not over. */
  runSoon(): void
}

interface ProbeWorkerOptions {
  probe: Probe
  clock: Clock
  /** When the container began to run (ms). */
  startedAt: number
  /** What an earlier life of the kubelet found, so that its restart makes no ready container unready. */
  initial?: boolean
  /** Whether the probe may run now: readiness and liveness wait for the startup probe. */
  isEnabled: () => boolean
  /** Rejects where it cannot be told how the container is: that counts neither way. */
  run: (timeoutMs: number) => Promise<ProbeResult>
  onFailure: (output: string) => void
  onWarning: (text: string) => void
  onError: (error: Error) => void
  /** Called when the verdict changed. */
  onVerdict: (ok: boolean) => void
}

/** Defaults that the API server normally has filled in already. */
const fallback = { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 }

/** Runs a probe every period until disposed (upstream: kubelet/prober/worker.go). */
export function startProbe(options: ProbeWorkerOptions): ProbeWorker {
  const { probe, clock } = options
  const settings = { ...fallback, ...probe }
  let verdict: boolean | undefined = options.initial
  let last: boolean | undefined
  let inRow = 0
  let timer: Disposable | undefined
  let disposed = false

  function note(result: ProbeResult): void {
    if (disposed) return
    if (!result.ok) options.onFailure(result.output)
    if (result.warning !== undefined) options.onWarning(result.warning)
    inRow = last === result.ok ? inRow + 1 : 1
    last = result.ok
    const threshold = result.ok ? settings.successThreshold : settings.failureThreshold
    if (inRow < threshold || verdict === result.ok) return
    verdict = result.ok
    options.onVerdict(result.ok)
  }

  async function once(): Promise<void> {
    if (!options.isEnabled()) return
    try {
      note(await options.run(settings.timeoutSeconds * 1000))
    } catch (error) {
      if (!disposed) options.onError(error as Error)
    }
  }

  /** At this time, and then each period from there, or at once after a run that took longer. */
  function schedule(due: number): void {
    if (disposed) return
    timer = clock.after(Math.max(0, due - clock.now()), () => {
      timer = undefined
      const next = Math.max(due, clock.now()) + settings.periodSeconds * 1000
      void once().finally(() => schedule(next))
    })
  }

  const begin = options.startedAt + (probe.initialDelaySeconds ?? 0) * 1000
  schedule(begin)
  return {
    verdict: () => verdict,
    runSoon() {
      // Without a timer it is running at this moment, or was disposed.
      if (!timer || clock.now() < begin) return
      timer[Symbol.dispose]()
      schedule(clock.now())
    },
    [Symbol.dispose]() {
      disposed = true
      timer?.[Symbol.dispose]()
      timer = undefined
    },
  }
}
