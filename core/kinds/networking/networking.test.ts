import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: my-ingress
  annotations:
    nginx.ingress.kubernetes.io/rewrite-target: /
spec:
  ingressClassName: nginx
  rules:
  - host: api.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: api-service
            port:
              number: 80
  - host: web.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web-service
            port:
              number: 80
`
const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-and-allow-web
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
  - to:
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
    ports:
    - protocol: UDP
      port: 53
`

describe('Ingress', () => {
  it('is stored as written and shows its columns', async () => {
    const made = await kinds.create(ingress)
    expect(made.metadata.generation).toBe(1)
    expect(made.status).toEqual({ loadBalancer: {} })
    expect(kinds.row(made)).toBe('my-ingress nginx api.example.com,web.example.com  80 5m')
    const served = await kinds.update(
      made,
      (copy) => {
        copy.status = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'lb.example.com' }] } }
      },
      'status',
    )
    expect(kinds.row(served)).toContain('10.0.0.2,lb.example.com')
    const secured = await kinds.update(
      served,
      (copy) => (copy.spec.tls = [{ hosts: ['api.example.com'], secretName: 's' }]),
    )
    expect(secured.metadata.generation).toBe(2)
    expect(kinds.row(secured)).toContain('80, 443')
  })

  it.each([
    [
      'pathType: Prefix',
      'pathType: Regex',
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
    ],
    [
      '        pathType: Prefix\n',
      '',
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    [
      'path: /\n',
      'path: api\n',
      'spec.rules[0].http.paths[0].path: Invalid value: "api": must be an absolute path',
    ],
    [
      'path: /\n',
      'path: /a//b\n',
      `spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain '//'`,
    ],
    [
      'host: api.example.com',
      'host: 10.0.0.1',
      'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
    [
      'host: api.example.com',
      'host: "*.*.com"',
      `spec.rules[0].host: Invalid value: "*.*.com": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [
      '              number: 80',
      '              {}',
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
    ],
    [
      'number: 80',
      'number: 80, name: http',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number',
    ],
    [
      'name: api-service',
      'name: Api',
      `spec.rules[0].http.paths[0].backend.service.name: Invalid value: "Api": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ])('refuses %j changed to %j', async (from, to, message) => {
    const changed = to.includes('name: http')
      ? ingress.replace('port:\n              number: 80', 'port: { number: 80, name: http }')
      : ingress.replace(from, to)
    expect(await refusalOf(kinds.create(changed))).toBe(message)
  })

  it('needs a rule or a default', async () => {
    const empty = '{ kind: Ingress, metadata: { name: a }, spec: {} }'
    expect(await refusalOf(kinds.create(empty))).toBe(
      'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
    )
  })

  it('warns of the old class annotation and refuses one that differs', async () => {
    const old = ingress.replace(
      'nginx.ingress.kubernetes.io/rewrite-target: /',
      'kubernetes.io/ingress.class: nginx',
    )
    await kinds.create(old)
    expect(kinds.warnings).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ])
    const other = old.replace('ingress.class: nginx', 'ingress.class: other').replace('my-ingress', 'b')
    expect(await refusalOf(kinds.create(other))).toBe(
      'annotations.kubernetes.io/ingress.class: Invalid value: "other": must match `ingressClassName` when both are specified',
    )
  })
})

describe('IngressClass', () => {
  const ingressClass = `
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx, parameters: { apiGroup: k8s.example.com, kind: Config, name: main } }
`
  it('shows its parameters and keeps its controller', async () => {
    const made = await kinds.create(ingressClass)
    expect(made.spec.parameters.scope).toBe('Cluster')
    expect(kinds.row(made)).toBe('nginx k8s.io/ingress-nginx Config.k8s.example.com/main 5m')
    expect(await refusalOf(kinds.update(made, (copy) => (copy.spec.controller = 'a.b/c')))).toBe(
      'spec.controller: Invalid value: "a.b/c": field is immutable',
    )
    const bare = ingressClass.replace('k8s.io/ingress-nginx', 'nginx')
    expect(await refusalOf(kinds.create(bare))).toBe(
      'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
    )
  })
})

describe('NetworkPolicy', () => {
  it('gets the types that follow from its rules', async () => {
    const made = await kinds.create(policy)
    expect(made.spec.policyTypes).toEqual(['Ingress', 'Egress'])
    expect(kinds.row(made)).toBe('default-deny-and-allow-web <none> 5m')
    const allow = await kinds.create(`
kind: NetworkPolicy
metadata: { name: allow-from-web }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
  - from: [{ podSelector: { matchLabels: { app: web } } }]
    ports: [{ port: 8080 }]
`)
    expect(allow.spec).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }] }],
    })
    expect(kinds.row(allow)).toBe('allow-from-web app=api 5m')
    const both = await kinds.create(
      '{ kind: NetworkPolicy, metadata: { name: e }, spec: { podSelector: {}, egress: [{}] } }',
    )
    expect(both.spec.policyTypes).toEqual(['Ingress', 'Egress'])
  })

  it.each([
    ['ingress: [{ from: [{}] }]', 'spec.ingress[0].from[0]: Required value: must specify a peer'],
    [
      'ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8 } }] }]',
      'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
    ],
    [
      'ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0 } }] }]',
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      'ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8, except: [11.0.0.0/9] } }] }]',
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`',
    ],
    [
      'egress: [{ ports: [{ port: 80, endPort: 70 }] }]',
      'spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
    ],
    [
      'egress: [{ ports: [{ port: http, endPort: 70 }] }]',
      'spec.egress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric',
    ],
    [
      'egress: [{ ports: [{ port: 80, protocol: ICMP }] }]',
      'spec.egress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
    ],
    [
      'policyTypes: [Both]',
      'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"',
    ],
    ['ingress: [{ from: [{ ipBlock: { cidr: 2001:db8::/32, except: ["2001:db8:1::/48"] } }] }]', 'accepted'],
  ])('judges %s', async (part, message) => {
    const yaml = `{ kind: NetworkPolicy, metadata: { name: a }, spec: { podSelector: {}, ${part} } }`
    expect(await refusalOf(kinds.create(yaml))).toBe(message)
  })
})

describe('ServiceCIDR and IPAddress', () => {
  const make = (cidrs: string): ReturnType<TestKinds['create']> =>
    kinds.create(`{ kind: ServiceCIDR, metadata: { name: extra }, spec: { cidrs: ${cidrs} } }`)

  it('hold canonical networks, one of each family', async () => {
    expect(await refusalOf(make('[]'))).toBe('spec.cidrs: Required value: at least one CIDR required')
    expect(await refusalOf(make('[10.0.0.1/24]'))).toBe(
      'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
    )
    expect(await refusalOf(make('[10.0.0.0/24, 10.1.0.0/24]'))).toContain(
      'may specify no more than one IP for each',
    )
    const made = await make('[10.0.0.0/24]')
    expect(kinds.row(made)).toBe('extra 10.0.0.0/24 5m')
    const grown = await kinds.update(made, (copy) => copy.spec.cidrs.push('2001:db8::/112'))
    expect(await refusalOf(kinds.update(grown, (copy) => (copy.spec.cidrs[0] = '10.1.0.0/24')))).toBe(
      'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
    )
  })

  it('are named by the address and show whose it is', async () => {
    const yaml = (name: string): string =>
      `{ kind: IPAddress, metadata: { name: '${name}' }, spec: { parentRef: { resource: services, namespace: default, name: web } } }`
    expect(kinds.row(await kinds.create(yaml('10.96.0.7')))).toBe('10.96.0.7 services/default/web 5m')
    expect(await refusalOf(kinds.create(yaml('web')))).toContain(
      'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    )
    expect(await refusalOf(kinds.create('{ kind: IPAddress, metadata: { name: 10.96.0.8 } }'))).toBe(
      'spec.parentRef: Required value',
    )
  })
})
