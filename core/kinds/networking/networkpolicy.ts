import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { warnOfCidr } from '../validation/address-warnings.ts'
import { checkCidr, isStrictSubnet, parseCidr } from '../../util/cidr.ts'
import { forbiddenField, invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkPortName, checkPortNumber } from '../validation/formats.ts'
import { selectorText, validateLabelSelector } from '../validation/label-selector.ts'

const protocols = ['TCP', 'UDP', 'SCTP']
const policyTypes = ['Ingress', 'Egress']

export const networkPolicy = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  namespaced: true,
  names: { plural: 'networkpolicies', singular: 'networkpolicy', short: ['netpol'] },
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  toleratedWhenStored: [selectorValues],
  tracksGeneration: true,
  columns: [
    nameColumn(),
    { name: 'Pod-Selector', type: 'string', value: ({ spec }) => selectorText(spec.podSelector ?? {}) },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
    const { spec } = object
    // A list that is empty but there counts as given no more than an absent one, as upstream.
    if (!spec.policyTypes?.length) {
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
    }
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ||= 'TCP'
    }
  },
  validateCreate: (object) => validatePolicy(object, new Set()),
  validateUpdate: (object, old) => validatePolicy(object, new Set(networksOf(old))),
  warnings: policyWarnings,
})

/** Every network in a policy: what an older version let through there may stay. */
function networksOf({ spec }: NetworkPolicy): string[] {
  const peers = [
    ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
  ]
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []))
}

function validatePolicy({ spec }: NetworkPolicy, known: Set<string>): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector')
  for (const [at, rule] of (spec.ingress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, { name: 'from', peers: rule.from, known }, `spec.ingress[${at}]`))
  }
  for (const [at, rule] of (spec.egress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, { name: 'to', peers: rule.to, known }, `spec.egress[${at}]`))
  }
  const types = spec.policyTypes ?? []
  if (types.length > policyTypes.length) {
    errors.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'))
    return errors
  }
  for (const [at, type] of types.entries()) {
    if (!policyTypes.includes(type)) errors.push(notSupported(`spec.policyTypes[${at}]`, type, policyTypes))
  }
  return errors
}

function validateRule(
  ports: NetworkPolicyPort[] | undefined,
  side: { name: string; peers: NetworkPolicyPeer[] | undefined; known: Set<string> },
  path: string,
): FieldError[] {
  return [
    ...(ports ?? []).flatMap((port, at) => validatePort(port, `${path}.ports[${at}]`)),
    ...(side.peers ?? []).flatMap((peer, at) =>
      validatePeer(peer, side.known, `${path}.${side.name}[${at}]`),
    ),
  ]
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, protocols))
  }
  if (port === undefined) {
    const why = 'may not be specified when `port` is not specified'
    return endPort === undefined ? errors : [...errors, invalidValue(`${path}.endPort`, endPort, why)]
  }
  if (typeof port === 'string') {
    const why = 'may not be specified when `port` is non-numeric'
    if (endPort !== undefined) errors.push(invalidValue(`${path}.endPort`, endPort, why))
    return [...errors, ...invalidFor(`${path}.port`, port, checkPortName(port))]
  }
  errors.push(...invalidFor(`${path}.port`, port, checkPortNumber(port)))
  if (endPort === undefined) return errors
  if (endPort < port) {
    // Upstream shows the port it is compared with.
    errors.push(invalidValue(`${path}.endPort`, port, 'must be greater than or equal to `port`'))
  }
  return [...errors, ...invalidFor(`${path}.endPort`, endPort, checkPortNumber(endPort))]
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  known: Set<string>,
  path: string,
): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateIpBlock(ipBlock, known, `${path}.ipBlock`) : []),
  ]
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
  }
  return errors
}

function validateIpBlock({ cidr, except = [] }: IPBlock, known: Set<string>, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)]
  const problems = (text: string): string[] => (known.has(text) ? [] : checkCidr(text))
  const errors = invalidFor(`${path}.cidr`, cidr, problems(cidr))
  const outer = parseCidr(cidr)
  if (!outer) return errors
  for (const [at, text] of except.entries()) {
    const where = `${path}.except[${at}]`
    const inner = parseCidr(text)
    errors.push(...invalidFor(where, text, problems(text)))
    if (inner && !isStrictSubnet(inner, outer)) {
      errors.push(invalidValue(where, text, 'must be a strict subset of `cidr`'))
    }
  }
  return errors
}

/** Networks that should be written otherwise. */
function policyWarnings({ spec: { ingress = [], egress = [] } }: NetworkPolicy): string[] {
  const warn = (peers: NetworkPolicyPeer[], path: string): string[] =>
    peers.flatMap(({ ipBlock }, at) => {
      if (!ipBlock) return []
      const where = `${path}[${at}].ipBlock`
      const except = ipBlock.except ?? []
      return [
        ...warnOfCidr(ipBlock.cidr, `${where}.cidr`),
        ...except.flatMap((cidr, index) => warnOfCidr(cidr, `${where}.except[${index}]`)),
      ]
    })
  return [
    ...ingress.flatMap(({ from = [] }, at) => warn(from, `spec.ingress[${at}].from`)),
    ...egress.flatMap(({ to = [] }, at) => warn(to, `spec.egress[${at}].to`)),
  ]
}
