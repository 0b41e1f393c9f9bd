import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import type { Pod, Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import type { ServiceCIDR } from '../api/generated/networking-v1.ts'
import { createHostEntries, type HostEntries } from './host-entries.ts'
import { createHostPortIndex } from './host-ports/host-port-index.ts'
import { MemorySource } from './memory-source.ts'
import { makeService, makeSlice } from './service-fixtures.ts'
import { createServiceIndex } from './service-index.ts'
import { createServiceProxy, type ServiceProxyOptions } from './service-proxy.ts'
import { createServiceRanges } from './service-ranges.ts'

/** Stands in for the node agent: keeps what was sent to each process, and fails when told to. */
class RecordingRules {
  readonly sent: Array<{ pid: number; ruleset: string }> = []
  readonly forgotten: unknown[] = []
  attempts = 0
  failures = 0

  async applyRules(pid: number, ruleset: string): Promise<void> {
    this.attempts++
    if (this.failures > 0) {
      this.failures--
      throw new Error('nft says no')
    }
    this.sent.push({ pid, ruleset })
  }

  async forgetFlows(pid: number, flows: unknown[]): Promise<void> {
    this.forgotten.push(...flows.map((flow) => ({ pid, flow })))
  }
}

describe('service proxy', () => {
  let clock: FakeClock
  let rules: RecordingRules
  let services: MemorySource<Service>
  let slices: MemorySource<EndpointSlice>
  let serviceCidrs: MemorySource<ServiceCIDR>
  let hostEntries: HostEntries
  let pods: MemorySource<Pod>
  let options: ServiceProxyOptions
  let proxy: ReturnType<typeof createServiceProxy>

  beforeEach(() => {
    clock = new FakeClock()
    rules = new RecordingRules()
    services = new MemorySource([makeService('web', { clusterIP: '10.96.0.20' })])
    slices = new MemorySource([makeSlice('web', ['10.244.1.2'])])
    serviceCidrs = new MemorySource()
    hostEntries = createHostEntries()
    pods = new MemorySource()
    options = {
      nodeName: 'node-1',
      services: createServiceIndex({ services, endpointSlices: slices }),
      fixed: [
        {
          clusterIp: '10.96.0.1',
          protocol: 'tcp',
          port: 443,
          endpoints: ['10.244.0.1:6443'],
          affinitySeconds: 0,
        },
      ],
      hostEntries,
      hostPorts: createHostPortIndex(pods),
      serviceRanges: createServiceRanges(serviceCidrs, '10.96.0.0/12'),
      rules,
      clock,
      log: silentLogger,
    }
    proxy = createServiceProxy(options)
  })

  afterEach(() => proxy.dispose())

  function sandbox(podUid: string, pid: number) {
    return { podUid, namespace: 'default', name: podUid, labels: {}, ip: '10.244.1.50', pid }
  }

  it('gives a new pod everything before setUp resolves', async () => {
    await proxy.setUp(sandbox('a', 100))
    expect(rules.sent).toHaveLength(1)
    expect(rules.sent[0]?.ruleset).toContain('10.96.0.20 . tcp . 80 . 0 : 10.244.1.2 . 8080')
    expect(rules.sent[0]?.ruleset).toContain('10.96.0.1 . tcp . 443 . 0 : 10.244.0.1 . 6443')
  })

  it('refuses what has no endpoints in the networks of every ServiceCIDR, as they come and go', async () => {
    serviceCidrs.put({ metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/12'] } })
    await proxy.setUp(sandbox('a', 100))
    expect(rules.sent[0]?.ruleset).toContain('ip daddr 10.96.0.0/12 ct state new')
    rules.sent.length = 0
    serviceCidrs.put({ metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/24', 'fd00::/112'] } })
    await clock.advance(20)
    const refusals = (range: string): string[] => [
      `add rule ip wheelhouse refuse-output ip daddr ${range} ct state new meta l4proto tcp reject with tcp reset`,
      `add rule ip wheelhouse refuse-output ip daddr ${range} ct state new reject with icmp type port-unreachable`,
    ]
    const flush = 'flush chain ip wheelhouse refuse-output'
    expect(rules.sent[0]?.ruleset.split('\n')).toEqual([
      flush,
      ...refusals('10.200.0.0/24'),
      ...refusals('10.96.0.0/12'),
      '',
    ])
    serviceCidrs.delete('', 'more')
    await clock.advance(20)
    expect(rules.sent[1]?.ruleset.split('\n')).toEqual([flush, ...refusals('10.96.0.0/12'), ''])
  })

  it('leads to the kubelets as they come and go', async () => {
    await proxy.setUp(sandbox('a', 100))
    rules.sent.length = 0
    const endpoints = ['10.244.0.1:40123']
    hostEntries.set('node-2', [
      { clusterIp: '10.244.2.1', protocol: 'tcp', port: 10250, endpoints, affinitySeconds: 0 },
    ])
    await clock.advance(20)
    expect(rules.sent[0]?.ruleset).toContain('10.244.2.1 . tcp . 10250 . 0 : 10.244.0.1 . 40123')
    hostEntries.set('node-2', [])
    await clock.advance(20)
    expect(rules.sent[1]?.ruleset).toContain(
      'delete element ip wheelhouse services { 10.244.2.1 . tcp . 10250 }',
    )
    hostEntries.set('node-3', [])
    await clock.advance(20)
    expect(rules.sent).toHaveLength(2)
  })

  it('leads to host ports at the address of their node, and inside of it at its loopback', async () => {
    const inside = createServiceProxy({ ...options, isForNode: true })
    const port = { hostPort: 8080, containerPort: 80 }
    const pod = (name: string, hostIP: string | undefined, podIP: string, phase = 'Running'): Pod => ({
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'app', ports: [{ ...port, ...(hostIP && { hostIP }) }] }],
      },
      status: { phase, podIP, hostIP: '10.244.1.1' },
    })
    pods.put(pod('at-loopback', '127.0.0.1', '10.244.1.7'))
    pods.put(pod('at-node', '10.244.1.1', '10.244.1.8'))
    pods.put(pod('elsewhere', '192.0.2.1', '10.244.1.9'))
    pods.put(pod('on-node', undefined, '10.244.1.1'))
    await proxy.setUp(sandbox('a', 100))
    await inside.setUp(sandbox('node-1', 1))
    const [outer, inner] = rules.sent.map(({ ruleset }) => ruleset)
    const atNode = '10.244.1.1 . tcp . 8080 . 0 : 10.244.1.8 . 80'
    const atLoopback = '127.0.0.1 . tcp . 8080 . 0 : 10.244.1.7 . 80'
    expect(outer).toContain(atNode)
    expect(outer).not.toMatch(/127\.0\.0\.1|192\.0\.2\.1|masquerade/)
    expect(inner).toContain(atNode)
    expect(inner).toContain(atLoopback)
    expect(inner).toContain('masquerade')
    rules.sent.length = 0
    pods.put(pod('at-node', '10.244.1.1', '10.244.1.8', 'Succeeded'))
    await clock.advance(20)
    expect(rules.sent.map(({ pid }) => pid).sort((a, b) => a - b)).toEqual([1, 100])
    expect(rules.sent[0]?.ruleset).toContain(
      'delete element ip wheelhouse services { 10.244.1.1 . tcp . 8080 }',
    )
    inside.dispose()
  })

  it('sends changes that come together as one update to every pod', async () => {
    await proxy.setUp(sandbox('a', 100))
    await proxy.setUp(sandbox('b', 200))
    rules.sent.length = 0
    slices.put(makeSlice('web', ['10.244.1.2', '10.244.1.3']))
    services.put(makeService('new', { clusterIP: '10.96.0.30' }))
    slices.put(makeSlice('new', ['10.244.1.4']))
    await clock.advance(50)
    expect(rules.sent.map(({ pid }) => pid).sort()).toEqual([100, 200])
    expect(rules.sent[0]?.ruleset).toContain('10.96.0.30 . tcp . 80 . 0 : 10.244.1.4 . 8080')
    expect(rules.sent[0]?.ruleset).toContain('10.96.0.20 . tcp . 80 : goto lb-2')
    expect(rules.sent[0]?.ruleset).not.toContain('delete table')
  })

  it('replaces everything after a failed update', async () => {
    await proxy.setUp(sandbox('a', 100))
    rules.sent.length = 0
    rules.failures = 1
    slices.put(makeSlice('web', []))
    await clock.advance(50)
    expect(rules.sent).toEqual([])
    await clock.advance(200)
    expect(rules.sent).toHaveLength(1)
    expect(rules.sent[0]?.ruleset).toContain('delete table ip wheelhouse')
    expect(rules.sent[0]?.ruleset).not.toContain('10.96.0.20')
  })

  it('rejects setUp when the rules cannot be set, and forgets the pod', async () => {
    rules.failures = 3
    await expect(proxy.setUp(sandbox('a', 100))).rejects.toThrow('nft says no')
    slices.put(makeSlice('web', []))
    await clock.advance(10_000)
    expect(rules.sent).toEqual([])
  })

  it('leaves a pod alone after tearDown, and starts anew for its new sandbox', async () => {
    await proxy.setUp(sandbox('a', 100))
    await proxy.setUp(sandbox('a', 101))
    proxy.tearDown('b')
    rules.sent.length = 0
    slices.put(makeSlice('web', []))
    await clock.advance(50)
    expect(rules.sent.map(({ pid }) => pid)).toEqual([101])
    proxy.tearDown('a')
    slices.put(makeSlice('web', ['10.244.1.9']))
    await clock.advance(50)
    expect(rules.sent).toHaveLength(1)
  })

  it('forgets UDP connections to endpoints that are gone', async () => {
    services.put(makeService('dns', { clusterIP: '10.96.0.40', ports: [{ port: 53, protocol: 'UDP' }] }))
    slices.put(makeSlice('dns', ['10.244.1.7'], [{ port: 53, protocol: 'UDP' }]))
    await proxy.setUp(sandbox('a', 100))
    slices.put(makeSlice('dns', [], [{ port: 53, protocol: 'UDP' }]))
    await clock.advance(50)
    expect(rules.forgotten).toEqual([
      { pid: 100, flow: { clusterIp: '10.96.0.40', port: 53, endpointIp: '10.244.1.7' } },
    ])
  })

  it('forgets UDP connections that went past the rules while there was no endpoint', async () => {
    const ports = [{ port: 53, nodePort: 30053, protocol: 'UDP' }]
    services.put(makeService('dns', { type: 'NodePort', clusterIP: '10.96.0.40', ports }))
    hostEntries.set('node-2', [
      {
        clusterIp: '10.244.2.1',
        protocol: 'tcp',
        port: 10250,
        endpoints: ['10.244.0.1:1'],
        affinitySeconds: 0,
      },
    ])
    await proxy.setUp(sandbox('a', 100))
    slices.put(makeSlice('dns', ['10.244.1.7'], [{ port: 53, protocol: 'UDP' }]))
    await clock.advance(50)
    expect(rules.forgotten).toEqual([
      { pid: 100, flow: { clusterIp: '10.96.0.40', port: 53, endpointIp: '10.96.0.40' } },
      { pid: 100, flow: { clusterIp: '10.244.2.1', port: 30053, endpointIp: '10.244.2.1' } },
    ])
  })

  it('tries again once, however many changes come meanwhile', async () => {
    await proxy.setUp(sandbox('a', 100))
    rules.failures = Number.POSITIVE_INFINITY
    for (let change = 0; change < 20; change++) {
      slices.put(makeSlice('web', [`10.244.1.${10 + change}`]))
      await clock.advance(20)
    }
    await clock.advance(60_000)
    const before = rules.attempts
    await clock.advance(10_000)
    expect(rules.attempts - before).toBe(2)
  })
})
