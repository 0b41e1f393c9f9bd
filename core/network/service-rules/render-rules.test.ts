import { describe, expect, it } from 'vitest'
import { rulesForPod, serviceTable } from './pod-rules.ts'
import { goneUdpEndpoints, renderChange, renderRuleset } from './render-rules.ts'
import type { ServiceEntry } from './service-entries.ts'

function entry(clusterIp: string, endpoints: string[], more: Partial<ServiceEntry> = {}): ServiceEntry {
  return { clusterIp, protocol: 'tcp', port: 80, endpoints, clientAffinity: false, ...more }
}

function common(...entries: ServiceEntry[]) {
  return serviceTable(entries).common
}

describe('ruleset of a pod', () => {
  it('replaces only its own table and draws among the endpoints', () => {
    const ruleset = renderRuleset(
      common(
        entry('10.96.0.20', ['10.244.1.2:8080', '10.244.1.3:8080']),
        entry('10.96.0.10', ['10.244.0.1:40053'], { protocol: 'udp', port: 53 }),
      ),
      '10.96.0.0/12',
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
    const ruleset = renderRuleset(common(entry('10.96.0.20', [])), '10.96.0.0/12')
    expect(ruleset).not.toContain('10.96.0.20')
    expect(ruleset).toContain('ip daddr 10.96.0.0/12 ct state new meta l4proto tcp reject with tcp reset')
  })
})

describe('change of rules', () => {
  const before = common(
    entry('10.96.0.20', ['10.244.1.2:80', '10.244.1.3:80']),
    entry('10.96.0.30', ['10.244.1.9:80']),
  )

  it('touches only what differs', () => {
    const after = common(entry('10.96.0.20', ['10.244.1.3:80']), entry('10.96.0.30', ['10.244.1.9:80']))
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
    expect(renderChange(before, common(entry('10.96.0.20', ['10.244.1.2:80', '10.244.1.3:80'])))).toBe(
      'delete element ip wheelhouse services { 10.96.0.30 . tcp . 80 }\n' +
        'delete element ip wheelhouse endpoints { 10.96.0.30 . tcp . 80 . 0 }\n',
    )
  })

  it('names UDP endpoints that are gone, for conntrack', () => {
    const udp = { protocol: 'udp', port: 53 } as const
    const old = common(entry('10.96.0.10', ['10.244.1.2:53', '10.244.1.3:53'], udp))
    expect(goneUdpEndpoints(old, common(entry('10.96.0.10', ['10.244.1.3:53'], udp)))).toEqual([
      { clusterIp: '10.96.0.10', port: 53, endpointIp: '10.244.1.2' },
    ])
    expect(goneUdpEndpoints(old, common())).toHaveLength(2)
    expect(goneUdpEndpoints(before, common())).toEqual([])
  })
})

describe('client affinity', () => {
  const endpoints = ['10.244.1.2:80', '10.244.1.3:80', '10.244.1.4:80']
  const key = '10.96.0.20:80/tcp'

  function chosen(podIp: string, available: string[], before?: ReturnType<typeof rulesForPod>) {
    const table = serviceTable([entry('10.96.0.20', available, { clientAffinity: true })])
    return rulesForPod(table, podIp, before)
  }

  it('gives a pod one endpoint, the same one after a restart, and spreads pods', () => {
    expect(chosen('10.244.1.50', endpoints).get(key)).toHaveLength(1)
    expect(chosen('10.244.1.50', endpoints)).toEqual(chosen('10.244.1.50', endpoints))
    const all = Array.from({ length: 60 }, (_, index) => chosen(`10.244.2.${index}`, endpoints).get(key)?.[0])
    expect(new Set(all).size).toBe(3)
  })

  it('keeps the endpoint while it exists, and takes another when it is gone', () => {
    const before = new Map([[key, ['10.244.1.3:80']]])
    expect(chosen('10.244.1.50', [...endpoints, '10.244.1.5:80'], before).get(key)).toEqual(['10.244.1.3:80'])
    expect(chosen('10.244.1.50', ['10.244.1.2:80', '10.244.1.4:80'], before).get(key)).not.toEqual([
      '10.244.1.3:80',
    ])
  })
})
