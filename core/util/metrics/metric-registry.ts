import { floatText, labelText, metricHead, type Metric } from './metric-text.ts'

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

/** Metrics in the Prometheus text format, version 0.0.4, by name; those without series are left out. Each name is there once. */
export interface MetricRegistry {
  counter(name: string, help: string): Counter
  gauge(name: string, help: string): Gauge
  /** `buckets` are ascending upper bounds; `+Inf` is added. */
  histogram(name: string, help: string, buckets: number[]): Histogram
  /** Calls `collect` before each printing, to fill gauges that are read rather than kept. */
  beforePrint(collect: () => void | Promise<void>): void
  /** Of each metric the stability that its help begins with: `ALPHA`; empty where it tells none. */
  stabilities(): string[]
  /**
   * Begins to count anew (upstream: component-base/metrics KubeRegistry.Reset): counters, and histograms with labels. Series
   * with labels are there again with the next event. Gauges stay, for they tell what is.
   */
  reset(): void
  print(): Promise<string>
}

/** Identity of a series within its metric; cheap, as it is made on every request. */
function seriesKey(labels: MetricLabels): string {
  let key = ''
  for (const name in labels) key += `${labels[name]}\u0000`
  return key
}

/** One series with its labels as they are printed. */
interface Series extends BoundValue {
  text: string
  /** Not there again before something happens. */
  isReset: boolean
}
interface HistogramSeries {
  text: string
  isReset: boolean
  counts: number[]
  count: number
  sum: number
}
interface Family {
  name: string
  stability: string
  print(): string
  reset(): void
}

/** What a kind of metric does with its series. */
interface FamilyMethods {
  print: () => string[]
  reset: () => void
}

/** Creates an empty registry. */
export function createMetricRegistry(): MetricRegistry {
  const families = new Map<string, Family>()
  const collectors: Array<() => void | Promise<void>> = []

  function add(head: Head, { print, reset }: FamilyMethods): void {
    if (families.has(head.name)) throw new Error(`the metric ${head.name} is there already`)
    const stability = /^\[([A-Z]+)\]/.exec(head.help)?.[1] ?? ''
    families.set(head.name, {
      name: head.name,
      stability,
      print() {
        const lines = print()
        return lines.length === 0 ? '' : `${metricHead(head)}${lines.join('\n')}\n`
      },
      reset,
    })
  }

  function simple(head: Head): (labels: MetricLabels) => Series {
    const { name } = head
    const series = new Map<string, Series>()
    add(head, {
      print: () =>
        inOrder(series).flatMap(({ text, value, isReset }) =>
          isReset && value === 0 ? [] : [`${name}${braced(text)} ${floatText(value)}`],
        ),
      reset() {
        if (head.type !== 'counter') return
        // Whoever has bound one goes on with it.
        for (const one of series.values()) Object.assign(one, { value: 0, isReset: one.text !== '' })
      },
    })
    return (labels) => {
      const key = seriesKey(labels)
      let entry = series.get(key)
      if (!entry) series.set(key, (entry = { text: labelText(labels), value: 0, isReset: false }))
      return entry
    }
  }

  return {
    counter(name, help) {
      const at = simple({ name, help, type: 'counter' })
      return {
        add: (labels, amount = 1) => void (at(labels).value += amount),
        set: (labels, value) => void (at(labels).value = value),
        bind: at,
      }
    },
    gauge(name, help) {
      const at = simple({ name, help, type: 'gauge' })
      return {
        set: (labels, value) => void (at(labels).value = value),
        change: (labels, amount) => void (at(labels).value += amount),
        bind: at,
      }
    },
    histogram(name, help, buckets) {
      const series = new Map<string, HistogramSeries>()
      add(
        { name, help, type: 'histogram' },
        {
          print: () =>
            inOrder(series).flatMap((one) =>
              one.isReset && one.count === 0 ? [] : histogramLines(name, buckets, one),
            ),
          reset() {
            for (const one of series.values()) {
              if (one.text === '') continue
              one.counts.fill(0)
              Object.assign(one, { count: 0, sum: 0, isReset: true })
            }
          },
        },
      )
      const at = (labels: MetricLabels): HistogramSeries => {
        const key = seriesKey(labels)
        let entry = series.get(key)
        if (!entry) {
          const counts = new Array<number>(buckets.length).fill(0)
          series.set(key, (entry = { text: labelText(labels), counts, count: 0, sum: 0, isReset: false }))
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
    stabilities: () => [...families.values()].map(({ stability }) => stability),
    reset() {
      for (const family of families.values()) family.reset()
    },
    async print() {
      await Promise.all(collectors.map(async (collect) => collect()))
      return [...families.values()]
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((family) => family.print())
        .join('')
    },
  }
}

type Head = Pick<Metric, 'name' | 'help' | 'type'>

function observe(series: HistogramSeries, buckets: number[], value: number): void {
  series.count++
  series.sum += value
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    if (value > buckets[bucket]!) continue
    series.counts[bucket]!++
    return
  }
}

function inOrder<T extends { text: string }>(series: Map<string, T>): T[] {
  return [...series.values()].toSorted((a, b) => (a.text < b.text ? -1 : 1))
}

function braced(text: string): string {
  return text === '' ? '' : `{${text}}`
}

function histogramLines(name: string, buckets: number[], series: HistogramSeries): string[] {
  const { text, counts, count, sum } = series
  const before = text === '' ? '' : `${text},`
  let cumulative = 0
  const lines = buckets.map((bound, index) => {
    cumulative += counts[index]!
    return `${name}_bucket{${before}le="${floatText(bound)}"} ${cumulative}`
  })
  return [
    ...lines,
    `${name}_bucket{${before}le="+Inf"} ${count}`,
    `${name}_sum${braced(text)} ${floatText(sum)}`,
    `${name}_count${braced(text)} ${count}`,
  ]
}
