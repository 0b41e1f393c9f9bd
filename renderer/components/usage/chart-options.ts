import dayjs from 'dayjs'
import type uPlot from 'uplot'
import { readableAmount, type UsageResource } from '../../kit/amount.ts'

/** A level line across a chart. */
export interface ChartLine {
  title: string
  value: number
  tone: 'request' | 'limit' | 'total'
}

export interface ChartInput {
  size: { width: number; height: number }
  resource: UsageResource
  lines: ChartLine[]
  /** Where the page's colours are read from, at each drawing. */
  element: Element
  /** The place in the data under the pointer; undefined when it leaves. */
  onHover(index: number | undefined): void
}

const leastSpanSeconds = 300
// Round numbers of MiB and GiB instead of millions of bytes.
const byteSteps = Array.from({ length: 50 }, (_, power) => 2 ** power)
const variables = { request: '--warn-mark', limit: '--bad-mark', total: '--off-mark' }

/**
 * The top of the scale: a bit above what was used, and above each line within four times of that. Lines far off would
 * press the curve flat; the legend still names them.
 */
export function scaleTop(most: number, lines: number[]): number {
  const near = lines.filter((value) => value <= most * 4)
  return Math.max(most, ...near) * 1.15 || 1
}

/** How uPlot draws the usage of one resource over time. */
export function chartOptions({ size, resource, lines, element, onHover }: ChartInput): uPlot.Options {
  const colour = (variable: string) => (): string =>
    getComputedStyle(element).getPropertyValue(variable).trim()
  const text = colour('--text-muted')
  const axis: uPlot.Axis = {
    stroke: text,
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  }
  const levels = lines.map(({ tone }) => ({
    stroke: colour(variables[tone]),
    width: 1.5,
    dash: [5, 4],
    points: { show: false },
  }))
  return {
    ...size,
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: {
        time: true,
        range: (self) => {
          const [first = 0, last = 0] = [self.data[0][0], self.data[0].at(-1)]
          return [Math.min(first, last - leastSpanSeconds), last]
        },
      },
      y: {
        range: (self) => {
          const used = (self.data[1] ?? []).filter((value): value is number => typeof value === 'number')
          return [
            0,
            scaleTop(
              Math.max(0, ...used),
              lines.map(({ value }) => value),
            ),
          ]
        },
      },
    },
    series: [
      {},
      {
        stroke: colour('--accent'),
        fill: () => `color-mix(in srgb, ${colour('--accent')()} 14%, transparent)`,
        width: 1.75,
        // A line needs two.
        points: { show: (self) => self.data[0].length < 2, size: 5 },
      },
      ...levels,
    ],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 70,
        values: (_self, splits) => splits.map((at) => dayjs(at * 1000).format('HH:mm')),
      },
      {
        ...axis,
        size: 62,
        ...(resource === 'memory' && { incrs: byteSteps }),
        space: 34,
        values: (_self, splits) => splits.map((value) => readableAmount(resource, value)),
      },
    ],
    hooks: {
      setCursor: [
        (self) =>
          onHover(
            self.cursor.left === undefined || self.cursor.left < 0
              ? undefined
              : (self.cursor.idx ?? undefined),
          ),
      ],
    },
  }
}
