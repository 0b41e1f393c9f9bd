import type { Pod } from '../../api/generated/core-v1.ts'
import { metricText, type MetricValue } from '../../util/metrics/metric-text.ts'
import type { ProbeKind } from './probe-worker.ts'

export type ProbeOutcome = 'successful' | 'failed' | 'unknown'

/** Which probe of which container. */
export interface ProbeSubject {
  pod: Pod
  container: string
  kind: ProbeKind
}

/** Counts what probes find, for `/metrics/probes` (upstream: pkg/kubelet/prober ProberResults and ProberDuration). */
export interface ProbeMetrics {
  note(subject: ProbeSubject, outcome: ProbeOutcome, seconds: number): void
  /** Drops what was counted of a pod. */
  forget(podUid: string): void
  /** In Prometheus' text format. */
  text(): string
}

/** Upper bounds in seconds (Prometheus' default ones). */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const titles: Record<ProbeKind, string> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }

interface Counted {
  podUid: string
  labels: Record<string, string>
  outcomes: Partial<Record<ProbeOutcome, number>>
  /** How many took no longer than each bound. */
  buckets: number[]
  sum: number
  count: number
}

/** Counters that start at nothing. */
export function createProbeMetrics(): ProbeMetrics {
  const counted = new Map<string, Counted>()

  function entryOf({ pod, container, kind }: ProbeSubject): Counted {
    const { uid: podUid = '', namespace = '', name } = pod.metadata
    const key = `${podUid}_${container}_${kind}`
    let entry = counted.get(key)
    if (!entry) {
      const labels = { container, namespace, pod: name, probe_type: titles[kind] }
      entry = { podUid, labels, outcomes: {}, buckets: bounds.map(() => 0), sum: 0, count: 0 }
      counted.set(key, entry)
    }
    return entry
  }

  return {
    note(subject, outcome, seconds) {
      const entry = entryOf(subject)
      entry.outcomes[outcome] = (entry.outcomes[outcome] ?? 0) + 1
      for (const [at, bound] of bounds.entries()) if (seconds <= bound) entry.buckets[at]!++
      entry.sum += seconds
      entry.count++
    },
    forget(podUid) {
      for (const [key, entry] of counted) if (entry.podUid === podUid) counted.delete(key)
    },
    text: () =>
      metricText([
        {
          name: 'prober_probe_duration_seconds',
          help: '[ALPHA] Seconds that a probe took to be answered.',
          type: 'histogram',
          values: [...counted.values()].flatMap(durations),
        },
        {
          name: 'prober_probe_total',
          help: '[BETA] Probes of a container, by sort and outcome.',
          type: 'counter',
          values: [...counted.values()].flatMap(({ podUid, labels, outcomes }) =>
            Object.entries(outcomes).map(([result, value]) => ({
              labels: { ...labels, pod_uid: podUid, result },
              value,
            })),
          ),
        },
      ]),
  }
}

function durations({ labels, buckets, sum, count }: Counted): MetricValue[] {
  return [
    ...[...buckets, count].map((value, at) => ({
      suffix: '_bucket',
      labels: { ...labels, le: String(bounds[at] ?? '+Inf') },
      value,
    })),
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ]
}
