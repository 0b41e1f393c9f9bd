/** Label names and values of one series; keep the order of names the same for one metric. */
export type MetricLabels = Record<string, string>

/** One series, found once. */
export interface BoundValue {
  value: number
}
export interface BoundHistogram {
  observe(value: number): void
}

export interface Counter {
  add(labels: MetricLabels, amount?: number): void
  /** For what is counted elsewhere. */
  set(labels: MetricLabels, value: number): void
  bind(labels: MetricLabels): BoundValue
}
export interface Gauge {
  set(labels: MetricLabels, value: number): void
  change(labels: MetricLabels, amount: number): void
  bind(labels: MetricLabels): BoundValue
}
export interface Histogram {
  observe(labels: MetricLabels, value: number): void
  bind(labels: MetricLabels): BoundHistogram
}

/** Metrics in the Prometheus text format, version 0.0.4. */
export interface MetricRegistry {
  counter(name: string, help: string): Counter
  gauge(name: string, help: string): Gauge
  /** `buckets` are ascending upper bounds; `+Inf` is added. */
  histogram(name: string, help: string, buckets: number[]): Histogram
  /** Calls `collect` before each printing, to fill gauges that are read rather than kept. */
  beforePrint(collect: () => void | Promise<void>): void
  print(): Promise<string>
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
}

function labelText(labels: MetricLabels, extra = ''): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  if (extra) parts.push(extra)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

/** Identity of a series within its metric; cheap, as it is made on every request. */
function seriesKey(labels: MetricLabels): string {
  let key = ''
  for (const name in labels) key += `${labels[name]}\u0000`
  return key
}

interface HistogramSeries {
  labels: MetricLabels
  counts: number[]
  count: number
  sum: number
}

/** Creates an empty registry. */
export function createMetricRegistry(): MetricRegistry {
  const printers: Array<() => string> = []
  const collectors: Array<() => void | Promise<void>> = []

  function simple(name: string, help: string, type: 'counter' | 'gauge') {
    const series = new Map<string, { labels: MetricLabels; value: number }>()
    printers.push(() => {
      const lines = [...series.values()].map(({ labels, value }) => `${name}${labelText(labels)} ${value}`)
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')
    })
    return (labels: MetricLabels): { value: number } => {
      const key = seriesKey(labels)
      let entry = series.get(key)
      if (!entry) series.set(key, (entry = { labels, value: 0 }))
      return entry
    }
  }

  return {
    counter(name, help) {
      const at = simple(name, help, 'counter')
      return {
        add: (labels, amount = 1) => void (at(labels).value += amount),
        set: (labels, value) => void (at(labels).value = value),
        bind: at,
      }
    },
    gauge(name, help) {
      const at = simple(name, help, 'gauge')
      return {
        set: (labels, value) => void (at(labels).value = value),
        change: (labels, amount) => void (at(labels).value += amount),
        bind: at,
      }
    },
    histogram(name, help, buckets) {
      const series = new Map<string, HistogramSeries>()
      printers.push(() => printHistogram({ name, help, buckets }, series))
      const at = (labels: MetricLabels): HistogramSeries => {
        const key = seriesKey(labels)
        let entry = series.get(key)
        if (!entry) {
          entry = { labels, counts: new Array<number>(buckets.length).fill(0), count: 0, sum: 0 }
          series.set(key, entry)
        }
        return entry
      }
      return {
        observe: (labels, value) => observe(at(labels), buckets, value),
        bind(labels) {
          const entry = at(labels)
          return { observe: (value) => observe(entry, buckets, value) }
        },
      }
    },
    beforePrint: (collect) => void collectors.push(collect),
    async print() {
      await Promise.all(collectors.map(async (collect) => collect()))
      return `${printers.map((print) => print()).join('\n')}\n`
    },
  }
}

function observe(series: HistogramSeries, buckets: number[], value: number): void {
  series.count++
  series.sum += value
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    if (value > buckets[bucket]!) continue
    series.counts[bucket]!++
    return
  }
}

function printHistogram(
  metric: { name: string; help: string; buckets: number[] },
  series: Map<string, HistogramSeries>,
): string {
  const { name } = metric
  const lines = [`# HELP ${name} ${metric.help}`, `# TYPE ${name} histogram`]
  for (const { labels, counts, count, sum } of series.values()) {
    let cumulative = 0
    metric.buckets.forEach((bound, index) => {
      cumulative += counts[index]!
      lines.push(`${name}_bucket${labelText(labels, `le="${bound}"`)} ${cumulative}`)
    })
    lines.push(`${name}_bucket${labelText(labels, 'le="+Inf"')} ${count}`)
    lines.push(`${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${count}`)
  }
  return lines.join('\n')
}
