import { describe, expect, it } from 'vitest'
import { TestKinds } from './testing/test-kinds.ts'
import { warnOfCidr, warnOfIp } from './validation/address-warnings.ts'

const zone = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
const old = 'failure-domain.beta.kubernetes.io/zone'

describe('what is accepted with a warning', () => {
  it.each<[yaml: string, warnings: string[]]>([
    [
      `{ kind: StorageClass, metadata: { name: a }, provisioner: a.b/c, allowedTopologies: [{ matchLabelExpressions: [{ key: ${old}, values: [a] }] }] }`,
      [`allowedTopologies[0].matchLabelExpressions[0].key: ${zone}`],
    ],
    [
      `{ kind: RuntimeClass, metadata: { name: a }, handler: a, scheduling: { nodeSelector: { ${old}: a } } }`,
      [`scheduling.nodeSelector: ${zone}`],
    ],
    [
      `{ kind: CSIStorageCapacity, metadata: { name: a }, storageClassName: a, nodeTopology: { matchLabels: { ${old}: a }, matchExpressions: [{ key: ${old}, operator: Exists }] } }`,
      [`nodeTopology.matchExpressions[0].key: ${zone}`, `nodeTopology.matchLabels.${old}: ${zone}`],
    ],
    [
      '{ kind: NetworkPolicy, metadata: { name: a }, spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }, { ipBlock: { cidr: "2001:DB8::/32", except: ["2001:db8:0::/48"] } }] }], egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] } }',
      [
        'spec.ingress[0].from[1].ipBlock.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
        'spec.ingress[0].from[1].ipBlock.except[0]: IPv6 CIDR value "2001:db8:0::/48" should be in RFC 5952 canonical format ("2001:db8::/48")',
      ],
    ],
    [
      '{ kind: EndpointSlice, metadata: { name: a }, addressType: FQDN, endpoints: [{ addresses: [a.example.com] }] }',
      ['spec.addressType: FQDN endpoints are deprecated'],
    ],
    [
      '{ kind: EndpointSlice, metadata: { name: a }, addressType: IPv6, endpoints: [{ addresses: ["2001:db8:0::1", "2001:db8::2"] }] }',
      [
        'endpoints[0].addresses[0]: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
      ],
    ],
    [
      '{ kind: EndpointSlice, metadata: { name: a, labels: { endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io } }, addressType: IPv6, endpoints: [{ addresses: ["2001:db8:0::1"] }] }',
      [],
    ],
  ])('%s', async (yaml, warnings) => {
    const kinds = new TestKinds()
    await kinds.create(yaml)
    expect(kinds.warnings).toEqual(warnings)
  })

  it.each<[text: string, warnings: string[]]>([
    ['10.0.0.1', []],
    ['010.0.0.1', ['f: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"']],
    ['::ffff:10.0.0.1', ['f: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"']],
    ['::ffff:a00:1', ['f: non-standard IP address "::ffff:a00:1" is invalid: use "10.0.0.1"']],
    ['a.example.com', []],
  ])('the address %s', (text, warnings) => {
    expect(warnOfIp(text, 'f')).toEqual(warnings)
  })

  it.each<[text: string, warnings: string[]]>([
    ['10.0.0.0/8', []],
    [
      '10.0.0.5/8',
      ['f: CIDR value "10.0.0.5/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.5/32"?)'],
    ],
    ['010.0.0.0/08', ['f: non-standard CIDR value "010.0.0.0/08" is invalid: use "10.0.0.0/8"']],
  ])('the network %s', (text, warnings) => {
    expect(warnOfCidr(text, 'f')).toEqual(warnings)
  })
})
