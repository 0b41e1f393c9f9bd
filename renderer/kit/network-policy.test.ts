import { describe, expect, it } from 'vitest'
import type { NetworkPolicySpec } from '../../core/api/generated/networking-v1.ts'
import { trafficOf } from './network-policy.ts'

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
