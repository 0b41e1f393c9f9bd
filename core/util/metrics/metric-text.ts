/** One measured value with its labels. */
export interface MetricValue {
  /** What follows the metric's name: `_bucket` and the like of a histogram. */
  suffix?: string
  labels?: Record<string, string>
  value: number
  /** Milliseconds since the epoch: when it was measured, where that is not now. */
  at?: number
}

export type MetricType = 'counter' | 'gauge' | 'histogram'

/** One metric of the Prometheus text format. */
export interface Metric {
  name: string
  help: string
  type: MetricType
  values: MetricValue[]
}

/** Prints metrics in Prometheus' text format 0.0.4, by name; those without values are left out. */
export function metricText(metrics: Metric[]): string {
  return metrics
    .filter(({ values }) => values.length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ values, ...metric }) => metricHead(metric) + values.map((one) => line(metric.name, one)).join(''))
    .join('')
}

/** The two lines before a metric's values. */
export function metricHead({ name, help, type }: Omit<Metric, 'values'>): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

/** `a="1",b="2"`, by name but for the bound of a bucket, without braces: what tells one series of a metric from another. */
export function labelText(labels: Record<string, string>): string {
  return Object.keys(labels)
    .sort((a, b) => (a === 'le' ? 1 : b === 'le' || a < b ? -1 : 1))
    .map((name) => `${name}="${escaped(labels[name]!)}"`)
    .join(',')
}

/** As Go prints floats (`strconv.FormatFloat` with 'g'), by which dashboards name buckets: `1e+06`. */
export function floatText(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  const size = Math.abs(value)
  if (size === 0 || Number.isNaN(value) || (size >= 1e-4 && size < 1e6)) return String(value)
  const [digits = '', power = ''] = value.toExponential().split('e')
  return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`
}

function line(name: string, { suffix = '', labels = {}, value, at }: MetricValue): string {
  const text = labelText(labels)
  const place = text === '' ? '' : `{${text}}`
  return `${name}${suffix}${place} ${floatText(value)}${at === undefined ? '' : ` ${at}`}\n`
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))
}
