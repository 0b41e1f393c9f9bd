/** One measured value with its labels. */
export interface MetricValue {
  /** What follows the metric's name: `_bucket` and the like of a histogram. */
  suffix?: string
  labels?: Record<string, string>
  value: number
  /** Milliseconds since the epoch: when it was measured, where that is not now. */
  at?: number
}

/** One metric of the Prometheus text format. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  values: MetricValue[]
}

/** Prints metrics in Prometheus' text format 0.0.4; those without values are left out. */
export function metricText(metrics: Metric[]): string {
  return metrics
    .filter(({ values }) => values.length > 0)
    .map(({ name, help, type, values }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...values.map((value) => line(name, value)),
        '',
      ].join('\n'),
    )
    .join('')
}

function line(name: string, { suffix = '', labels = {}, value, at }: MetricValue): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  const place = pairs.length > 0 ? `{${pairs.join(',')}}` : ''
  return `${name}${suffix}${place} ${value}${at === undefined ? '' : ` ${at}`}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
