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
      '{ kind: RuntimeClass, metadata: { name: a }, handler: a, scheduling: { nodeSelector: { node-role.kubernetes.io/master: "" } } }',
      ['scheduling.nodeSelector: use "node-role.kubernetes.io/control-plane" instead'],
    ],
    [
      '{ kind: Node, metadata: { name: a }, spec: { externalID: x, podCIDRs: ["2001:DB8::/64"] } }',
      [
        'spec.externalID: this field is deprecated, and is unused by Kubernetes',
        'spec.podCIDRs[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
      ],
    ],
    [
      '{ kind: ServiceAccount, metadata: { name: a, annotations: { kubernetes.io/enforce-mountable-secrets: "true" } } }',
      [
        'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
      ],
    ],
    [
      '{ kind: ResourceSlice, metadata: { name: a }, spec: { driver: D.example.com, nodeName: n, pool: { name: p, generation: 1, resourceSliceCount: 1 } } }',
      ['spec.driver: driver names should be lowercase; "D.example.com" contains uppercase characters'],
    ],
    [
      '{ kind: Service, metadata: { name: a }, spec: { type: LoadBalancer, loadBalancerIP: "2001:db8:0::1", loadBalancerSourceRanges: ["2001:DB8::/32"], ports: [{ port: 80 }] } }',
      [
        'spec.loadBalancerIP: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
        'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
      ],
    ],
    [
      '{ kind: Endpoints, metadata: { name: a }, subsets: [{ addresses: [{ ip: "2001:db8:0::1" }], notReadyAddresses: [{ ip: "2001:db8:0::2" }] }] }',
      [
        'subsets[0].addresses[0].ip: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
        'subsets[0].notReadyAddresses[0].ip: IPv6 address "2001:db8:0::2" should be in RFC 5952 canonical format ("2001:db8::2")',
      ],
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
      '{ kind: Service, metadata: { name: a }, spec: { type: LoadBalancer, loadBalancerIP: 010.1.1.1, ports: [{ port: 80, nodePort: 30000 }], clusterIPs: [10.96.0.1], clusterIP: 10.96.0.1, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, loadBalancerSourceRanges: ["2001:DB8::/32"] } }',
      [
        'spec.loadBalancerIP: non-standard IP address "010.1.1.1" is invalid: use "10.1.1.1"',
        'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
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

  it('is of the object or of its status, by what is written', async () => {
    const kinds = new TestKinds()
    const node = await kinds.create('{ kind: Node, metadata: { name: a }, spec: { externalID: x } }')
    expect(kinds.warnings.splice(0)).toHaveLength(1)
    await kinds.update(node, ({ status }) => (status.phase = 'Running'), 'status')
    expect(kinds.warnings).toEqual([])
    const service = await kinds.create(
      '{ kind: Service, metadata: { name: a }, spec: { type: LoadBalancer, ports: [{ port: 80 }] } }',
    )
    await kinds.update(
      service,
      ({ status }) => (status.loadBalancer = { ingress: [{ ip: '2001:db8:0::1' }] }),
      'status',
    )
    expect(kinds.warnings).toEqual([
      'status.loadBalancer.ingress[0]: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ])
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
