import { afterEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'
import { UsageHistory } from '../../client/usage-history.ts'
import type { UsageSource, UsageState } from '../../stores/usage.ts'
import { mountPart, type Mounted } from '../../testing/mount.ts'
import { scaleTop } from './chart-options.ts'
import UsageBar from './UsageBar.vue'
import UsagePanel from './UsagePanel.vue'

let mounted: Mounted | undefined
afterEach(() => mounted?.unmount())

const empty = { at: [], milliCpu: [], memory: [] }
function source(state: UsageState): UsageSource {
  const history = new UsageHistory({ spanMs: 1, gapMs: 1, mostValues: 1 })
  return { state, error: undefined, latest: new Map(), history }
}

describe('usage over time', () => {
  it.each([
    ['forbidden', /may not list usage/],
    ['missing', /no metrics\.k8s\.io API/],
    ['waiting', /has been measured yet/],
    ['loading', /Loading/],
  ] as const)('says why there is no chart while it is %s', async (state, words) => {
    mounted = await mountPart(UsagePanel, { props: { source: source(state), series: empty } })
    expect(mounted.text()).toMatch(words)
  })

  it('keeps a line out of the scale that would press the curve flat', () => {
    expect(scaleTop(100, [300, 10_000])).toBeCloseTo(345)
    expect(scaleTop(100, [])).toBeCloseTo(115)
    expect(scaleTop(0, [500])).toBe(1)
  })
})

describe('a bar of usage', () => {
  const bar = async (props: Record<string, unknown>): Promise<Element> => {
    mounted = await mountPart(UsageBar, { props: { resource: 'milliCpu', ...props } })
    return mounted.element.querySelector('[role=meter]')!
  }
  it('is full at the limit, turns red close to it and marks the request', async () => {
    const meter = await bar({ used: 480, request: 250, limit: 500 })
    expect(meter.getAttribute('aria-valuenow')).toBe('96')
    expect(meter.querySelector('.fill')?.className).toContain('bad')
    expect(meter.querySelector<HTMLElement>('.notch')?.style.left).toBe('50%')
    expect(meter.getAttribute('aria-label')).toBe('used 480m · requested 250m · limit 500m')
  })
  it('never warns where there is no limit', async () => {
    const meter = await bar({ used: 480, request: 250 })
    expect(meter.querySelector('.fill')?.className).toContain('progress')
    expect(meter.querySelector('.notch')?.getAttribute('style')).toContain('52')
  })
  it('is none where neither a request nor a limit says what much is', async () => {
    expect(await bar({ used: 2 })).toBeNull()
    expect(mounted?.text()).toBe('2m')
  })
  it('says when nothing is measured', async () => {
    const meter = await bar({ used: undefined, limit: 500 })
    expect(meter.getAttribute('aria-label')).toBe('not measured yet · limit 500m')
  })
})

describe('a chart whose bounds come and go', () => {
  it('is never given more or fewer curves than it was made for', async () => {
    const made: { series: number; given: number[] }[] = []
    vi.doMock('uplot', () => ({
      default: class {
        readonly series: object[]
        readonly #record: { series: number; given: number[] }
        constructor(options: { series: object[] }, data: unknown[]) {
          this.series = options.series
          this.#record = { series: options.series.length, given: [data.length] }
          made.push(this.#record)
        }
        setData(data: unknown[]): void {
          this.#record.given.push(data.length)
        }
        setSize(): void {
          // Its size is of no matter here.
        }
        destroy(): void {
          // Nothing was drawn.
        }
      },
    }))
    const series = { at: [1, 2], milliCpu: [1, 2], memory: [1, 2] }
    const requests = { milliCpu: 5, memory: 5 }
    const props = reactive<Record<string, unknown>>({ source: source('ready'), series, requests })
    mounted = await mountPart(UsagePanel, { props })
    await expect.poll(() => made.length).toBe(2)
    props.series = { at: [1, 2, 3], milliCpu: [1, 2, 3], memory: [1, 2, 3] }
    await mounted.settle()
    props.requests = undefined
    await expect.poll(() => made.length).toBe(4)
    expect(made.map(({ series: count }) => count)).toEqual([3, 3, 2, 2])
    for (const { series: count, given } of made) expect(given.every((n) => n === count)).toBe(true)
    expect(made[0]?.given).toEqual([3, 3])
  })
})
