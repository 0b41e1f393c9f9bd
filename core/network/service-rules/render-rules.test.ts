import { describe, expect, it } from 'vitest'
import { podRules } from './pod-rules.ts'
import { renderChange, renderRuleset, staleUdpFlows } from './render-rules.ts'
import type { ServiceEntry } from './service-entries.ts'

function entry(clusterIp: string, endpoints: string[], more: Partial<ServiceEntry> = {}): ServiceEntry {
  return { clusterIp, protocol: 'tcp', port: 80, endpoints, affinitySeconds: 0, ...more }
}

function rulesOf(...entries: ServiceEntry[]) {
  return podRules(entries)
}

describe('ruleset of a pod', () => {
  it('replaces only its own table and draws among the endpoints', () => {
    const ruleset = renderRuleset(
      rulesOf(
        entry('10.96.0.20', ['10.244.1.2:8080', '10.244.1.3:8080']),
        entry('10.96.0.10', ['10.244.0.1:40053'], { protocol: 'udp', port: 53 }),
      ),
      ['10.96.0.0/12'],
    )
    expect(ruleset).not.toContain('flush ruleset')
    expect(ruleset.split('\n').slice(0, 3)).toEqual([
      'add table ip wheelhouse',
      'delete table ip wheelhouse',
      'table ip wheelhouse {',
    ])
    expect(ruleset).toContain('10.96.0.20 . tcp . 80 : goto lb-2, 10.96.0.10 . udp . 53 : goto lb-1')
    expect(ruleset).toContain('10.96.0.20 . tcp . 80 . 1 : 10.244.1.3 . 8080')
    expect(ruleset).toContain('add rule ip wheelhouse lb-2 meta mark set numgen random mod 2')
  })

  it('has no elements for a Service without endpoints, so that it is refused', () => {
    const ruleset = renderRuleset(rulesOf(entry('10.96.0.20', [])), ['10.96.0.0/12'])
    expect(ruleset).not.toContain('10.96.0.20')
    expect(ruleset).toContain('ip daddr 10.96.0.0/12 ct state new meta l4proto tcp reject with tcp reset')
  })
})

describe('change of rules', () => {
  const before = rulesOf(
    entry('10.96.0.20', ['10.244.1.2:80', '10.244.1.3:80']),
    entry('10.96.0.30', ['10.244.1.9:80']),
  )

  it('touches only what differs', () => {
    const after = rulesOf(entry('10.96.0.20', ['10.244.1.3:80']), entry('10.96.0.30', ['10.244.1.9:80']))
    expect(renderChange(before, after)).toBe(
      [
        'delete element ip wheelhouse services { 10.96.0.20 . tcp . 80 }',
        'delete element ip wheelhouse endpoints { 10.96.0.20 . tcp . 80 . 0, 10.96.0.20 . tcp . 80 . 1 }',
        'add chain ip wheelhouse lb-1',
        'flush chain ip wheelhouse lb-1',
        'add rule ip wheelhouse lb-1 meta mark set 0',
        'add rule ip wheelhouse lb-1 meta l4proto { tcp, udp } dnat to ip daddr . meta l4proto . th dport . meta mark map @endpoints',
        'add element ip wheelhouse endpoints { 10.96.0.20 . tcp . 80 . 0 : 10.244.1.3 . 80 }',
        'add element ip wheelhouse services { 10.96.0.20 . tcp . 80 : goto lb-1 }',
        '',
      ].join('\n'),
    )
  })

  it('is empty when nothing differs', () => {
    expect(renderChange(before, new Map(before))).toBe('')
  })

  it('only deletes when a Service goes', () => {
    expect(renderChange(before, rulesOf(entry('10.96.0.20', ['10.244.1.2:80', '10.244.1.3:80'])))).toBe(
      'delete element ip wheelhouse services { 10.96.0.30 . tcp . 80 }\n' +
        'delete element ip wheelhouse endpoints { 10.96.0.30 . tcp . 80 . 0 }\n',
    )
  })

  it('names UDP connections that would not follow a change, for conntrack', () => {
    const udp = { protocol: 'udp', port: 53 } as const
    const old = rulesOf(entry('10.96.0.10', ['10.244.1.2:53', '10.244.1.3:53'], udp))
    expect(staleUdpFlows(old, rulesOf(entry('10.96.0.10', ['10.244.1.3:53'], udp)))).toEqual([
      { clusterIp: '10.96.0.10', port: 53, endpointIp: '10.244.1.2' },
    ])
    expect(staleUdpFlows(old, rulesOf())).toHaveLength(2)
    expect(staleUdpFlows(before, rulesOf())).toEqual([])
    expect(staleUdpFlows(rulesOf(), old)).toEqual([
      { clusterIp: '10.96.0.10', port: 53, endpointIp: '10.96.0.10' },
    ])
    expect(staleUdpFlows(rulesOf(), before)).toEqual([])
    expect(staleUdpFlows(old, old)).toEqual([])
  })
})

describe('client affinity', () => {
  const sticky = (endpoints: string[], affinitySeconds = 10): ReturnType<typeof rulesOf> =>
    rulesOf(entry('10.96.0.20', endpoints, { affinitySeconds }))
  const before = sticky(['10.244.1.2:80', '10.244.1.3:80'])

  /** The number by which an endpoint is known in the rules. */
  function markOf(ruleset: string, endpoint: string): string | undefined {
    const element = `tcp \\. 80 \\. (\\d+) : ${endpoint.replace(':', ' . ').replaceAll('.', '\\.')}`
    return new RegExp(element).exec(ruleset)?.[1]
  }

  it('leads to a chain that remembers for the time asked', () => {
    const ruleset = renderRuleset(before, ['10.96.0.0/12'])
    expect(ruleset).toContain('10.96.0.20 . tcp . 80 : goto sticky-2-10')
    expect(ruleset).toContain(
      'keep-10 update @affinity { ip daddr . meta l4proto . th dport timeout 10s : meta mark }',
    )
    const mark = markOf(ruleset, '10.244.1.3:80')
    expect(ruleset).toContain(`10.96.0.20 . tcp . 80 . 1 : ${mark}`)
    expect(ruleset).toContain(`10.96.0.20 . tcp . 80 . ${mark} : goto keep-10`)
  })

  it('knows an endpoint by the same number whatever becomes of the others', () => {
    const mark = markOf(renderRuleset(before, ['10.96.0.0/12']), '10.244.1.3:80')
    const change = renderChange(before, sticky(['10.244.1.3:80', '10.244.1.4:80', '10.244.1.5:80']))
    expect(markOf(change, '10.244.1.3:80')).toBe(mark)
    expect(change).toContain(`10.96.0.20 . tcp . 80 . 0 : ${mark}`)
  })

  it('changes the time, and ends, without touching what is remembered', () => {
    const longer = renderChange(before, sticky(['10.244.1.2:80', '10.244.1.3:80'], 60))
    expect(longer).toContain('10.96.0.20 . tcp . 80 : goto sticky-2-60')
    expect(longer).not.toContain('element ip wheelhouse affinity')
    const ended = renderChange(before, sticky(['10.244.1.2:80', '10.244.1.3:80'], 0))
    expect(ended).toMatch(/^delete element ip wheelhouse remembered \{ .* \}$/m)
    expect(ended).toMatch(/^delete element ip wheelhouse draws \{ .* \}$/m)
    expect(ended).toContain('10.96.0.20 . tcp . 80 : goto lb-2')
  })
})
