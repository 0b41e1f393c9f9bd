import { isIP } from 'node:net'
import type { Ingress, IngressLoadBalancerIngress, IngressRule } from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { warnOfBalancer } from '../validation/address-warnings.ts'
import { invalidFor, invalidValue } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'
import { checkIp } from '../validation/ip-address.ts'
import { validateIngressSpec } from './ingress-validation.ts'

const classAnnotation = 'kubernetes.io/ingress.class'
const classWarning =
  'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'

export const ingress = defineKind<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  namespaced: true,
  names: { plural: 'ingresses', singular: 'ingress', short: ['ing'] },
  schema: 'io.k8s.api.networking.v1.Ingress',
  toleratedWhenStored: [/^spec\.tls\[\d+\]\.secretName$/, /^spec\.rules\[\d+\]\.host$/],
  columns: [
    nameColumn(),
    { name: 'Class', type: 'string', value: ({ spec }) => spec.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', value: ({ spec }) => hostsText(spec.rules ?? []) },
    { name: 'Address', type: 'string', value: addressText },
    { name: 'Ports', type: 'string', value: ({ spec }) => (spec.tls?.length ? '80, 443' : '80') },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
  },
  validate: ({ spec }) => validateIngressSpec(spec, 'spec'),
  validateCreate: validateClassAnnotation,
  warnings: ({ metadata }, old) =>
    old === undefined && metadata.annotations?.[classAnnotation] !== undefined ? [classWarning] : [],
  status: {
    validateUpdate: validateStatus,
    warnings: ({ status }) => warnOfBalancer(status?.loadBalancer?.ingress),
  },
})

function validateClassAnnotation({ metadata, spec }: Ingress): FieldError[] {
  const annotation = metadata.annotations?.[classAnnotation]
  const { ingressClassName } = spec
  if (annotation === undefined || ingressClassName === undefined || annotation === ingressClassName) return []
  const why = 'must match `ingressClassName` when both are specified'
  return [invalidValue(`annotations.${classAnnotation}`, annotation, why)]
}

function validateStatus({ status }: Ingress): FieldError[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, at) => {
    const where = `status.loadBalancer.ingress[${at}]`
    const errors = ip ? invalidFor(`${where}.ip`, ip, checkIp(ip)) : []
    if (!hostname) return errors
    errors.push(...invalidFor(`${where}.hostname`, hostname, checkDns1123Subdomain(hostname)))
    if (isIP(hostname) !== 0) {
      errors.push(invalidValue(`${where}.hostname`, hostname, 'must be a DNS name, not an IP address'))
    }
    return errors
  })
}

/** The hosts of the first three rules that name one; `*` where none does. */
function hostsText(rules: IngressRule[]): string {
  const hosts: string[] = []
  for (const { host } of rules) {
    if (hosts.length === 3) return `${hosts.join(',')} + ${rules.length - 3} more...`
    if (host) hosts.push(host)
  }
  return hosts.join(',') || '*'
}

function addressText({ status }: Ingress): string {
  const text = ({ ip, hostname }: IngressLoadBalancerIngress): string => ip || hostname || ''
  const texts = (status?.loadBalancer?.ingress ?? []).map(text).filter((one) => one !== '')
  return [...new Set(texts)].sort().join(',')
}
