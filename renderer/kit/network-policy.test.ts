import { describe, expect, it } from 'vitest'
import type { NetworkPolicy, NetworkPolicySpec } from '../../core/api/generated/networking-v1.ts'
import { policiesFor, trafficOf, trafficOfAll } from './network-policy.ts'

const traffic = (spec: NetworkPolicySpec): ReturnType<typeof trafficOf> =>
  trafficOf({ metadata: { name: 'p', namespace: 'shop' }, spec })
const labels = (value: string): { matchLabels: Record<string, string> } => ({ matchLabels: { app: value } })

describe('who may talk to whom', () => {
  it('is everybody where a direction is not bounded, nobody where it is without rules', () => {
    expect(traffic({ podSelector: {}, policyTypes: ['Ingress'] })).toEqual({
      ingress: { isOpen: false, rules: [] },
      egress: { isOpen: true, rules: [] },
    })
    expect(traffic({ egress: [{}] }).egress).toEqual({
      isOpen: false,
      rules: [{ peers: [{ kind: 'anyone', text: 'traffic.anyone' }], ports: [] }],
    })
  })

  it.each([
    [{ podSelector: labels('web') }, 'traffic.podsHere', { pods: 'app=web' }],
    [{ podSelector: {} }, 'traffic.allPodsHere', undefined],
    [{ namespaceSelector: {} }, 'traffic.allPods', undefined],
    [{ namespaceSelector: labels('x') }, 'traffic.allPodsIn', { namespaces: 'app=x' }],
    [
      { namespaceSelector: labels('x'), podSelector: labels('web') },
      'traffic.podsIn',
      { pods: 'app=web', namespaces: 'app=x' },
    ],
    [{ namespaceSelector: {}, podSelector: labels('web') }, 'traffic.podsAnywhere', { pods: 'app=web' }],
    [{ ipBlock: { cidr: '10.0.0.0/8' } }, 'traffic.block', { cidr: '10.0.0.0/8' }],
    [
      { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } },
      'traffic.blockExcept',
      { cidr: '10.0.0.0/8', except: '10.1.0.0/16, 10.2.0.0/16' },
    ],
  ])('reads the peer %j', (peer, text, params) => {
    expect(traffic({ ingress: [{ from: [peer] }] }).ingress.rules[0]?.peers).toEqual([
      expect.objectContaining({ text, ...(params && { params }) }),
    ])
  })

  it('names ports, ranges and bare protocols', () => {
    const ports = [
      { port: 80 },
      { protocol: 'UDP', port: 'dns' },
      { port: 8000, endPort: 8080 },
      { protocol: 'SCTP' },
    ]
    expect(traffic({ ingress: [{ ports }] }).ingress.rules[0]?.ports).toEqual([
      'TCP 80',
      'UDP dns',
      'TCP 8000–8080',
      'SCTP',
    ])
  })
})

describe('the policies of one pod together', () => {
  const policy = (name: string, spec: NetworkPolicySpec): NetworkPolicy => ({
    metadata: { name, namespace: 'shop' },
    spec,
  })
  const deny = policy('deny', { podSelector: {}, policyTypes: ['Ingress'] })
  const web = policy('web', {
    podSelector: labels('web'),
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }],
  })

  it('are those whose selector finds it; an empty one finds every pod', () => {
    expect(policiesFor([deny, web], { app: 'web' })).toEqual([deny, web])
    expect(policiesFor([deny, web], undefined)).toEqual([deny])
  })

  it('let pass what any of them does, in the directions that any of them bounds', () => {
    expect(trafficOfAll([deny, web])).toEqual({
      ingress: {
        isOpen: false,
        rules: [{ peers: [{ kind: 'pods', text: 'traffic.allPodsHere' }], ports: ['TCP 80'] }],
      },
      egress: { isOpen: true, rules: [] },
    })
    expect(trafficOfAll([deny]).ingress).toEqual({ isOpen: false, rules: [] })
    expect(trafficOfAll([]).ingress.isOpen).toBe(true)
  })
})
