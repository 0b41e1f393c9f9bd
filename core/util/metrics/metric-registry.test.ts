import { describe, expect, it } from 'vitest'
import { createMetricRegistry } from './metric-registry.ts'
import { floatText } from './metric-text.ts'

describe('a metric registry', () => {
  it('prints metrics by name and series by labels, and leaves out what has none', async () => {
    const registry = createMetricRegistry()
    const requests = registry.counter('requests_total', 'Requests.')
    registry.gauge('absent', 'Has no series.')
    registry.gauge('depth', 'How deep.').set({ name: 'b\n"\\' }, 2)
    requests.add({ verb: 'LIST', code: '200' })
    requests.bind({ verb: 'GET', code: '200' }).value += 2_000_000
    expect(await registry.print()).toBe(
      [
        '# HELP depth How deep.',
        '# TYPE depth gauge',
        'depth{name="b\\n\\"\\\\"} 2',
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        'requests_total{code="200",verb="GET"} 2e+06',
        'requests_total{code="200",verb="LIST"} 1',
        '',
      ].join('\n'),
    )
  })

  it('begins to count anew, but for gauges and histograms without labels', async () => {
    const registry = createMetricRegistry()
    const requests = registry.counter('requests', '')
    const bound = requests.bind({ verb: 'GET' })
    const sizes = registry.histogram('sizes', '', [1]).bind({ kind: 'a' })
    const waits = registry.histogram('waits', '', [1])
    const total = registry.counter('total', '')
    const depth = registry.gauge('depth', '')
    const happen = () => {
      bound.value++
      requests.add({ verb: 'LIST' })
      sizes.observe(0.5)
      waits.observe({}, 0.5)
      total.add({})
    }
    const series = async () => (await registry.print()).split('\n').filter((line) => /^[a-z]/.test(line))
    depth.change({ of: 'a' }, 1)
    happen()
    const once = await series()
    happen()
    registry.reset()
    const twice = ['waits_bucket{le="1"} 2', 'waits_bucket{le="+Inf"} 2', 'waits_sum 1', 'waits_count 2']
    expect(await series()).toEqual(['depth{of="a"} 1', 'total 0', ...twice])
    happen()
    const isWait = (line: string): boolean => line.startsWith('waits')
    expect((await series()).filter((line) => !isWait(line))).toEqual(once.filter((line) => !isWait(line)))
  })

  it('counts what a bucket holds and all below it', async () => {
    const registry = createMetricRegistry()
    const sizes = registry.histogram('sizes', '[ALPHA] Sizes.', [0.5, 1_000_000]).bind({ kind: 'a' })
    for (const size of [0.25, 0.5, 7, 2_000_000]) sizes.observe(size)
    const text = await registry.print()
    expect(text.split('\n').slice(2)).toEqual([
      'sizes_bucket{kind="a",le="0.5"} 2',
      'sizes_bucket{kind="a",le="1e+06"} 3',
      'sizes_bucket{kind="a",le="+Inf"} 4',
      'sizes_sum{kind="a"} 2.00000775e+06',
      'sizes_count{kind="a"} 4',
      '',
    ])
    expect(registry.stabilities()).toEqual(['ALPHA'])
  })

  it('takes each name once', () => {
    const registry = createMetricRegistry()
    registry.gauge('depth', 'How deep.')
    expect(() => registry.counter('depth', 'Again.')).toThrow('depth is there already')
  })

  it.each([
    [0, '0'],
    [-1.5, '-1.5'],
    [0.0001, '0.0001'],
    [0.000_01, '1e-05'],
    [999_999, '999999'],
    [1_234_567, '1.234567e+06'],
    [1e21, '1e+21'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('writes %d as Go does', (value, text) => expect(floatText(value)).toBe(text))
})
