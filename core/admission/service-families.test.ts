import { describe, expect, it } from 'vitest'
import type { Service, ServiceSpec } from '../api/generated/core-v1.ts'
import { initIpFamilies } from './service-families.ts'

function serviceOf(spec: ServiceSpec): Service {
  return { metadata: { name: 's', namespace: 'default' }, spec }
}

/** The families and policy that a Service gets, or what it is refused for. */
function outcome(spec: ServiceSpec, old?: ServiceSpec): unknown {
  const service = serviceOf(structuredClone(spec))
  const errors = initIpFamilies(service, old && serviceOf(old))
  if (errors.length > 0) return errors.map(({ field, message }) => `${field}: ${message}`)
  return [service.spec.ipFamilyPolicy, ...(service.spec.ipFamilies ?? [])]
}

const selector = { a: 'b' }

describe('families of a Service', () => {
  it.each<[what: string, spec: ServiceSpec, expected: unknown]>([
    ['nothing', { selector }, ['SingleStack', 'IPv4']],
    ['both if there are both', { selector, ipFamilyPolicy: 'PreferDualStack' }, ['PreferDualStack', 'IPv4']],
    [
      'both',
      { selector, ipFamilyPolicy: 'RequireDualStack' },
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ],
    ],
    [
      'the other one',
      { selector, ipFamilies: ['IPv6'] },
      ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    ],
    [
      'two of a single stack',
      { selector, ipFamilies: ['IPv4', 'IPv6'], clusterIPs: ['10.96.0.1', '::1'] },
      [
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ],
    ],
    [
      'an address of the other one',
      { selector, clusterIP: '::1', clusterIPs: ['::1'] },
      ['spec.clusterIPs[0]: Invalid value: ["::1"]: IPv6 is not configured on this cluster'],
    ],
    [
      'endpoints that somebody else writes',
      { clusterIP: 'None', clusterIPs: ['None'] },
      ['RequireDualStack', 'IPv4', 'IPv6'],
    ],
    [
      'the same of one family',
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] },
      ['SingleStack', 'IPv6'],
    ],
    ['no address, but pods', { clusterIP: 'None', clusterIPs: ['None'], selector }, ['SingleStack', 'IPv4']],
  ])('that asks for %s', (_what, spec, expected) => {
    expect(outcome(spec)).toEqual(expected)
  })

  it('stay what they were where a change says nothing of them', () => {
    const old: ServiceSpec = { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4'], selector }
    expect(outcome({ selector, ipFamilies: ['IPv4'] }, old)).toEqual(['PreferDualStack', 'IPv4'])
  })
})
