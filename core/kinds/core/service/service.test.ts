import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../../testing/test-kinds.ts'
import type { AnyObject } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const ip = 'clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack'

function create(spec: string, annotations = '{}'): Promise<AnyObject> {
  return kinds.create(
    `{ apiVersion: v1, kind: Service, metadata: { name: s, annotations: ${annotations} }, spec: { ${spec} } }`,
  )
}

describe('a new Service', () => {
  it.each<[spec: string, causes: string[]]>([
    [`${ip}, ports: [{ port: 80, targetPort: http, appProtocol: example.com/h2 }]`, []],
    [
      'type: ExternalName, externalName: a.b., clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack',
      [
        'FieldValueForbidden spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'FieldValueForbidden spec.ipFamilies: Forbidden: may not be set for ExternalName services',
        'FieldValueForbidden spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
      ],
    ],
    [
      'type: Odd, sessionAffinity: Odd',
      [
        'FieldValueRequired spec.ports: Required value',
        'FieldValueNotSupported spec.sessionAffinity: Unsupported value: "Odd": supported values: "ClientIP", "None"',
        'FieldValueNotSupported spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      'type: NodePort, clusterIP: None, clusterIPs: [None], ports: [{ name: a, port: 80, nodePort: 30000 }, { port: 80, protocol: Odd }, { name: a, port: 80, nodePort: 30000, appProtocol: "a b" }]',
      [
        'FieldValueInvalid spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
        'FieldValueRequired spec.ports[1].name: Required value',
        'FieldValueNotSupported spec.ports[1].protocol: Unsupported value: "Odd": supported values: "SCTP", "TCP", "UDP"',
        'FieldValueDuplicate spec.ports[2].name: Duplicate value: "a"',
        expect.stringContaining(
          'FieldValueInvalid spec.ports[2].appProtocol: Invalid value: "a b"',
        ) as string,
        'FieldValueDuplicate spec.ports[2].nodePort: Duplicate value: 30000',
        'FieldValueDuplicate spec.ports[2]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      `${ip}, ports: [{ port: 80, nodePort: 30000 }], loadBalancerClass: x/y, allocateLoadBalancerNodePorts: true, loadBalancerSourceRanges: [x], externalTrafficPolicy: Local, healthCheckNodePort: 1, internalTrafficPolicy: Odd`,
      [
        "FieldValueForbidden spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
        "FieldValueForbidden spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'FieldValueInvalid spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        "FieldValueForbidden spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "FieldValueForbidden spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'FieldValueInvalid spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        "FieldValueInvalid spec.healthCheckNodePort: Invalid value: 1: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        'FieldValueNotSupported spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
      ],
    ],
    [
      `${ip}, type: LoadBalancer, externalTrafficPolicy: Local, ports: [{ port: 80 }], sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } }, externalIPs: [127.0.0.1, "fe80::1", x]`,
      [
        'FieldValueInvalid spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
        'FieldValueInvalid spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'FieldValueInvalid spec.externalIPs[1]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'FieldValueInvalid spec.externalIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'FieldValueRequired spec.healthCheckNodePort: Required value',
      ],
    ],
    [
      'clusterIPs: [10.0.0.1], ipFamilies: [IPv6, IPv6, Odd], ipFamilyPolicy: Odd, ports: [{ port: 80 }]',
      [
        'FieldValueInvalid spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified',
        'FieldValueDuplicate spec.ipFamilies[1]: Duplicate value: "IPv6"',
        'FieldValueNotSupported spec.ipFamilies[2]: Unsupported value: "Odd": supported values: "IPv4", "IPv6"',
        'FieldValueNotSupported spec.ipFamilyPolicy: Unsupported value: "Odd": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
        'FieldValueInvalid spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
    [
      'clusterIP: None, clusterIPs: [None, None, x]',
      [
        'FieldValueRequired spec.ports: Required value',
        'FieldValueInvalid spec.clusterIPs: Invalid value: ["None","None","x"]: \'None\' must be the first and only value',
        'FieldValueInvalid spec.clusterIPs[1]: Invalid value: "None": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'FieldValueInvalid spec.clusterIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'FieldValueInvalid spec.clusterIPs: Invalid value: ["None","None","x"]: may only hold up to 2 values',
      ],
    ],
  ])('with %s', async (spec, causes) => {
    expect(await causesOf(create(spec))).toEqual(causes)
  })

  it('says in its annotations what its fields may say', async () => {
    const annotations = JSON.stringify({
      'service.kubernetes.io/topology-mode': 'Auto',
      'service.kubernetes.io/topology-aware-hints': 'Disabled',
      'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, x',
    })
    const range = 'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]'
    expect(await causesOf(create(`${ip}, ports: [{ port: 80 }]`, annotations))).toEqual([
      'FieldValueInvalid metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
      `FieldValueForbidden ${range}: Forbidden: may only be used when \`type\` is 'LoadBalancer'`,
      `FieldValueInvalid ${range}: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ])
  })
})

const balanced = `${ip}, type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001, loadBalancerClass: a/b, ports: [{ port: 80, nodePort: 30000 }]`

describe('a Service that exists', () => {
  it('loses what its new type does not have', async () => {
    const service = await create(balanced)
    const plain = await kinds.update(service, ({ spec }) => (spec.type = 'ClusterIP'))
    expect(plain.spec).toEqual({
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1'],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    })
    const name = await kinds.update(plain, ({ spec }) =>
      Object.assign(spec, { type: 'ExternalName', externalName: 'a.b' }),
    )
    expect(name.spec).toEqual({
      externalName: 'a.b',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      type: 'ExternalName',
    })
  })

  it('says nothing of traffic inside as a mere name, but what is no policy', async () => {
    const name = (policy: string): Promise<AnyObject> =>
      create(`type: ExternalName, externalName: a.b, internalTrafficPolicy: ${policy}`)
    expect((await name('Local')).spec).toEqual({
      externalName: 'a.b',
      sessionAffinity: 'None',
      type: 'ExternalName',
    })
    expect(await causesOf(name('Some'))).toEqual([
      'FieldValueNotSupported spec.internalTrafficPolicy: Unsupported value: "Some": supported values: "Cluster", "Local"',
    ])
  })

  it('keeps what the writer changes together with the type, which is refused', async () => {
    const service = await create(balanced)
    const causes = await causesOf(
      kinds.update(service, ({ spec }) => {
        Object.assign(spec, { type: 'ClusterIP', loadBalancerClass: 'c/d', healthCheckNodePort: 30002 })
      }),
    )
    expect(causes).toEqual([
      "FieldValueForbidden spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "FieldValueForbidden spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "FieldValueInvalid spec.healthCheckNodePort: Invalid value: 30002: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ])
  })

  it.each<[what: string, change: (service: AnyObject) => void, causes: string[]]>([
    [
      'another address',
      ({ spec }) => Object.assign(spec, { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.2'] }),
      ['FieldValueInvalid spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set'],
    ],
    [
      'no address',
      ({ spec }) => {
        delete spec.clusterIP
        delete spec.clusterIPs
      },
      ['FieldValueInvalid spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset'],
    ],
    [
      'another family, class and health check',
      ({ spec }) =>
        Object.assign(spec, { ipFamilies: ['IPv6'], loadBalancerClass: 'c/d', healthCheckNodePort: 30002 }),
      [
        'FieldValueInvalid spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
        'FieldValueInvalid spec.loadBalancerClass: Invalid value: "c/d": may not change once set',
        'FieldValueForbidden spec.healthCheckNodePort: Forbidden: field is immutable',
        'FieldValueInvalid spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
  ])('judges %s', async (_what, change, causes) => {
    const service = await create(balanced)
    expect(await causesOf(kinds.update(service, change))).toEqual(causes)
  })

  it('judges what its load balancer has got', async () => {
    const ingress = [
      { ip: 'x', ipMode: 'Odd' },
      { hostname: '10.0.0.1', ipMode: 'VIP' },
    ]
    const set = (service: AnyObject): unknown => (service.status.loadBalancer = { ingress })
    const service = await create(balanced)
    expect(await causesOf(kinds.update(service, set, 'status'))).toEqual([
      'FieldValueInvalid status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'FieldValueNotSupported status.loadBalancer.ingress[0].ipMode: Unsupported value: "Odd": supported values: "Proxy", "VIP"',
      'FieldValueForbidden status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
      'FieldValueInvalid status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ])
  })
})
