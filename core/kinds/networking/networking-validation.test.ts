import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

describe('the networking.k8s.io group', () => {
  it.each<[yaml: string, causes: string[]]>([
    [
      '{ kind: NetworkPolicy, metadata: { name: a }, spec: { policyTypes: [Odd], ingress: [{ ports: [{ protocol: ICMP, port: 0, endPort: 70000 }], from: [{ ipBlock: { cidr: 10.0.0.1/8, except: [10.01.0.0/16, 11.0.0.0/16, x] } }] }] } }',
      [
        'FieldValueNotSupported spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
        'FieldValueInvalid spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'FieldValueInvalid spec.ingress[0].ports[0].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
        'FieldValueInvalid spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
        'FieldValueInvalid spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.01.0.0/16": must not have leading 0s in IP or prefix length',
        'FieldValueInvalid spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        'FieldValueInvalid spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'FieldValueNotSupported spec.policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egress"',
      ],
    ],
    [
      '{ kind: ServiceCIDR, metadata: { name: a }, spec: { cidrs: ["::ffff:10.0.0.0/104", "2001:DB8::/64"] } }',
      [
        'FieldValueInvalid spec.cidrs[0]: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address',
        'FieldValueInvalid spec.cidrs[1]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")',
        'FieldValueInvalid spec.cidrs: Invalid value: ["::ffff:10.0.0.0/104","2001:DB8::/64"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [
      '{ kind: IPAddress, metadata: { name: "2001:DB8::1" }, spec: { parentRef: { group: A, resource: "", name: a/b, namespace: "%" } } }',
      [
        'FieldValueInvalid metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")',
        expect.stringContaining(
          'FieldValueInvalid spec.parentRef.group: Invalid value: "A": a lowercase RFC 1123',
        ),
        'FieldValueRequired spec.parentRef.resource: Required value',
        `FieldValueInvalid spec.parentRef.name: Invalid value: "a/b": may not contain '/'`,
        `FieldValueInvalid spec.parentRef.namespace: Invalid value: "%": may not contain '%'`,
      ],
    ],
    [
      '{ kind: IngressClass, metadata: { name: a }, spec: { controller: nginx, parameters: { kind: "", name: n, scope: Namespace } } }',
      [
        'FieldValueInvalid spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
        'FieldValueRequired spec.parameters.kind: Required value',
        "FieldValueRequired spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
      ],
    ],
    [
      '{ kind: EndpointSlice, metadata: { name: a }, addressType: IPv4, endpoints: [{ addresses: ["2001:db8::1", 127.0.0.1, 010.0.0.1, nope], hints: { forZones: [{ name: a }, { name: a }] }, nodeName: "" }], ports: [{ name: a, appProtocol: "a b" }, { name: a, protocol: Odd }] }',
      [
        expect.stringContaining(
          'FieldValueInvalid ports[0].appProtocol: Invalid value: "a b": name part must consist',
        ),
        'FieldValueDuplicate ports[1].name: Duplicate value: "a"',
        'FieldValueNotSupported ports[1].protocol: Unsupported value: "Odd": supported values: "SCTP", "TCP", "UDP"',
        'FieldValueInvalid endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address',
        'FieldValueInvalid endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'FieldValueInvalid endpoints[0].addresses[2]: Invalid value: "010.0.0.1": must not have leading 0s',
        'FieldValueInvalid endpoints[0].addresses[3]: Invalid value: "nope": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        expect.stringContaining(
          'FieldValueInvalid endpoints[0].nodeName: Invalid value: "": a lowercase RFC 1123',
        ),
        'FieldValueDuplicate endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      ],
    ],
    [
      '{ kind: EndpointSlice, metadata: { name: a }, addressType: FQDN, endpoints: [{ addresses: [localhost, web.example.com.] }] }',
      [
        'FieldValueInvalid endpoints[0].addresses[0]: Invalid value: "localhost": should be a domain with at least two segments separated by dots',
      ],
    ],
  ])('refuses %s', async (yaml, causes) => {
    expect(await causesOf(kinds.create(yaml))).toEqual(causes)
  })

  it('lets a ServiceCIDR grow by a second family once', async () => {
    const made = await kinds.create(
      '{ kind: ServiceCIDR, metadata: { name: a }, spec: { cidrs: [10.0.0.0/16] } }',
    )
    const joined = await kinds.update(made, ({ spec }) => void spec.cidrs.push('2001:db8::/64'))
    expect(await causesOf(kinds.update(joined, ({ spec }) => void spec.cidrs.pop()))).toEqual([
      'FieldValueInvalid spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable',
    ])
    expect(await causesOf(kinds.update(joined, ({ spec }) => void (spec.cidrs[0] = '10.1.0.0/16')))).toEqual([
      'FieldValueInvalid spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable',
    ])
  })
})
