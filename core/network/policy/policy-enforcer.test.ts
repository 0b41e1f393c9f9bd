import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import type { NetworkPolicy, NetworkPolicySpec } from '../../api/generated/networking-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { MemorySource } from '../memory-source.ts'
import { createPolicyEnforcer } from './policy-enforcer.ts'
import { createPolicyIndex } from './policy-index.ts'

function makePod(key: string, app: string, ip: string, more: Partial<Pod['status']> = {}): Pod {
  const [namespace = '', name = ''] = key.split('/')
  return {
    metadata: { namespace, name, labels: { app } },
    spec: {
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: app === 'web' ? 8080 : 9090 }] }],
    },
    status: { phase: 'Running', podIP: ip, ...more },
  }
}

function makePolicy(name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return { metadata: { namespace: 'prod', name }, spec }
}

const web = { podSelector: { matchLabels: { app: 'web' } } }
const api = { matchLabels: { app: 'api' } }
const inProd = { podUid: 'api', namespace: 'prod', name: 'api', labels: {}, ip: '10.244.1.2', pid: 7 }

describe('network policies of a pod', () => {
  let clock: FakeClock
  let sent: string[]
  let failures: number
  let policies: MemorySource<NetworkPolicy>
  let pods: MemorySource<Pod>
  let namespaces: MemorySource<Namespace>
  let enforcer: ReturnType<typeof createPolicyEnforcer>

  beforeEach(() => {
    clock = new FakeClock()
    sent = []
    failures = 0
    policies = new MemorySource()
    pods = new MemorySource([
      makePod('prod/api', 'api', '10.244.1.2'),
      makePod('prod/web', 'web', '10.244.1.3'),
      makePod('dev/web', 'web', '10.244.1.4'),
    ])
    namespaces = new MemorySource(
      ['prod', 'dev', 'kube-system'].map((name) => ({
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: {},
      })),
    )
    enforcer = createPolicyEnforcer({
      policies: createPolicyIndex({ policies, pods, namespaces }),
      nodeAddresses: ['10.244.0.1'],
      dns: { ip: '10.244.0.1', port: 40053 },
      rules: {
        async applyRules(_pid, ruleset) {
          if (failures-- > 0) throw new Error('nft says no')
          sent.push(ruleset)
        },
      },
      clock,
      log: silentLogger,
    })
  })
  afterEach(() => enforcer.dispose())

  async function rulesWith(spec: NetworkPolicySpec): Promise<string> {
    policies.put(makePolicy('p', spec))
    await enforcer.setUp(inProd)
    return sent.at(-1) ?? ''
  }

  it('is nothing for a pod that no policy selects', async () => {
    const rules = await rulesWith({
      podSelector: { matchLabels: { app: 'other' } },
      policyTypes: ['Ingress'],
    })
    expect(rules).toBe('add table ip wheelhouse-policy\ndelete table ip wheelhouse-policy\n')
  })

  it('allows what a rule names: pods of the own namespace, on the given port', async () => {
    const rules = await rulesWith({
      podSelector: api,
      policyTypes: ['Ingress'],
      ingress: [{ from: [web], ports: [{ protocol: 'TCP', port: 8080 }] }],
    })
    expect(rules).toContain('ip saddr @input-0 meta l4proto tcp th dport 8080 accept')
    expect(rules).toContain('add element ip wheelhouse-policy input-0 { 10.244.1.3 }')
    expect(rules).not.toContain('hook output')
  })

  it('drops everything new but the node’s when there is no rule', async () => {
    const rules = await rulesWith({ podSelector: {}, policyTypes: ['Ingress'], ingress: [] })
    const chain = rules.slice(rules.indexOf('chain input'))
    expect(chain.split('\n').map((line) => line.trim())).toEqual([
      'chain input {',
      'type filter hook input priority 10; policy accept;',
      'iif lo accept',
      'ct state established,related accept',
      'ip saddr { 10.244.0.1 } accept',
      'drop',
      '}',
      '}',
      '',
    ])
  })

  it('selects across namespaces, and leaves out pods that gave up their address', async () => {
    pods.put(makePod('dev/done', 'web', '10.244.1.9', { phase: 'Succeeded' }))
    const rules = await rulesWith({
      podSelector: api,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ...web, namespaceSelector: {} }] }],
    })
    expect(rules).toContain('input-0 { 10.244.1.3, 10.244.1.4 }')
    expect(rules).toContain('ip saddr @input-0 accept')
  })

  it('takes a named port of an incoming rule from the pod, of an outgoing one from each peer', async () => {
    const ports = [{ protocol: 'TCP', port: 'http' }]
    const rules = await rulesWith({
      podSelector: api,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports }],
      egress: [{ ports, to: [{ namespaceSelector: {} }] }],
    })
    expect(rules).toContain('    meta l4proto tcp th dport 9090 accept')
    expect(rules).toContain('ip daddr @output-0 meta l4proto tcp th dport 9090 accept')
    expect(rules).toContain('output-1 { 10.244.1.3, 10.244.1.4 }')
    expect(rules).toContain('output-0 { 10.244.1.2 }')
  })

  it('allows nothing by the name of a port that the pod has not, or has for another protocol', async () => {
    for (const [protocol, port] of [
      ['TCP', 'metrics'],
      ['UDP', 'http'],
    ] as const) {
      const rules = await rulesWith({
        podSelector: api,
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ protocol, port }] }],
      })
      const accepted = rules.split('\n').filter((line) => line.endsWith(' accept'))
      expect(accepted.map((line) => line.trim())).toEqual([
        'iif lo accept',
        'ct state established,related accept',
        'ip saddr { 10.244.0.1 } accept',
      ])
    }
  })

  it('writes blocks with their exceptions, and port ranges', async () => {
    const rules = await rulesWith({
      podSelector: api,
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', 'fd01::/16'] } },
            { ipBlock: { cidr: 'fd00::/8' } },
          ],
          ports: [{ protocol: 'UDP', port: 32000, endPort: 32768 }],
        },
      ],
    })
    expect(rules).toContain(
      'ip daddr 10.0.0.0/8 ip daddr != 10.1.0.0/16 meta l4proto udp th dport 32000-32768 accept',
    )
    expect(rules).not.toMatch(/fd0/)
  })

  it('denies the cluster DNS unless port 53 of kube-dns is allowed', async () => {
    const denied = await rulesWith({ podSelector: {}, policyTypes: ['Egress'] })
    expect(denied).toMatch(/ip daddr 10.244.0.1 meta l4proto \{ tcp, udp \} th dport 40053 drop\n.*accept/)
    const kubeSystem = { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }
    const egress = [{ to: [{ namespaceSelector: kubeSystem }], ports: [{ protocol: 'UDP', port: 53 }] }]
    const allowed = await rulesWith({ podSelector: {}, policyTypes: ['Egress'], egress })
    expect(allowed).toContain('ip daddr 10.244.0.1 meta l4proto udp th dport 40053 accept')
    expect(allowed).toContain('output-0 { 10.244.0.1 }')
    // The DNS answers over UDP and TCP: SCTP leads nowhere.
    const sctp = [{ ...egress[0], ports: [{ protocol: 'SCTP', port: 53 }] }]
    const other = await rulesWith({ podSelector: {}, policyTypes: ['Egress'], egress: sctp })
    expect(other).toContain('meta l4proto sctp th dport 53 accept')
    expect(other).not.toMatch(/40053 accept/)
  })

  it('changes only the set when a peer comes or goes, and takes rules away with the policy', async () => {
    await rulesWith({ podSelector: api, policyTypes: ['Ingress'], ingress: [{ from: [web] }] })
    pods.put(makePod('prod/web2', 'web', '10.244.1.7'))
    pods.delete('prod', 'web')
    await clock.advance(50)
    expect(sent.at(-1)).toBe(
      'delete element ip wheelhouse-policy input-0 { 10.244.1.3 }\n' +
        'add element ip wheelhouse-policy input-0 { 10.244.1.7 }\n',
    )
    policies.delete('prod', 'p')
    await clock.advance(50)
    expect(sent.at(-1)).toBe('add table ip wheelhouse-policy\ndelete table ip wheelhouse-policy\n')
  })

  it('follows the labels of namespaces', async () => {
    await rulesWith({
      podSelector: api,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }],
    })
    expect(sent.at(-1)).not.toContain('add element')
    namespaces.put({ metadata: { name: 'dev', labels: { team: 'a' } }, spec: {} })
    await clock.advance(50)
    expect(sent.at(-1)).toBe('add element ip wheelhouse-policy input-0 { 10.244.1.4 }\n')
  })

  it('sends nothing for pods that come and go while there is no policy', async () => {
    await enforcer.setUp(inProd)
    expect(sent).toHaveLength(1)
    pods.put(makePod('prod/new', 'web', '10.244.1.8'))
    await clock.advance(1000)
    expect(sent).toHaveLength(1)
  })

  it('does not let a pod start whose policies cannot be set', async () => {
    failures = 3
    await expect(enforcer.setUp(inProd)).rejects.toThrow('nft says no')
  })
})
