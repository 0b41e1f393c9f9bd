import { isIP } from 'node:net'
import type { TypedLocalObjectReference } from '../../api/generated/core-v1.ts'
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { checkWildcardSubdomain } from '../validation/domain-names.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortName,
  checkPortNumber,
} from '../validation/formats.ts'
import { validatePathSegment } from '../validation/path-segment.ts'

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const wrongSequences = ['//', '/./', '/../', '%2f', '%2F']
const wrongEndings = ['/..', '/.']

/** An Ingress's rules, backends and certificates (upstream: pkg/apis/networking/validation ValidateIngressSpec). */
export function validateIngressSpec(spec: IngressSpec, path: string): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec
  const errors: FieldError[] = []
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalidValue(path, spec.rules, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, `${path}.defaultBackend`))
  errors.push(...rules.flatMap((rule, at) => validateRule(rule, `${path}.rules[${at}]`)))
  errors.push(...tls.flatMap((entry, at) => validateTls(entry, `${path}.tls[${at}]`)))
  if (ingressClassName !== undefined) {
    errors.push(
      ...invalidFor(`${path}.ingressClassName`, ingressClassName, checkDns1123Subdomain(ingressClassName)),
    )
  }
  return errors
}

function checkHost(host: string): string[] {
  return host.includes('*') ? checkWildcardSubdomain(host) : checkDns1123Subdomain(host)
}

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (host) {
    if (isIP(host) !== 0)
      errors.push(invalidValue(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    errors.push(...invalidFor(`${path}.host`, host, checkHost(host)))
  }
  if (!http) return errors
  if (!http.paths?.length) errors.push(required(`${path}.http.paths`))
  return [
    ...errors,
    ...(http.paths ?? []).flatMap((one, at) => validatePath(one, `${path}.http.paths[${at}]`)),
  ]
}

function validatePath({ path: text = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  if (!pathType) return [required(`${path}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const isStrict = pathType === 'Exact' || pathType === 'Prefix'
  if (!pathTypes.includes(pathType)) errors.push(notSupported(`${path}.pathType`, pathType, pathTypes))
  else if (!text.startsWith('/') && (isStrict || text !== '')) {
    errors.push(invalidValue(`${path}.path`, text, 'must be an absolute path'))
  }
  if (isStrict) {
    for (const part of wrongSequences.filter((one) => text.includes(one))) {
      errors.push(invalidValue(`${path}.path`, text, `must not contain '${part}'`))
    }
    for (const part of wrongEndings.filter((one) => text.endsWith(one))) {
      errors.push(invalidValue(`${path}.path`, text, `cannot end with '${part}'`))
    }
  }
  return [...errors, ...validateBackend(backend ?? {}, `${path}.backend`)]
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalidValue(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateReference(resource, `${path}.resource`)
  if (service) return validateService(service, path)
  return [invalidValue(path, '', 'resource or service backend is required')]
}

function validateService({ name, port = {} }: IngressServiceBackend, path: string): FieldError[] {
  const where = `${path}.service`
  const errors = name
    ? invalidFor(`${where}.name`, name, checkDns1123Label(name))
    : [required(`${where}.name`)]
  if (port.name && port.number) {
    return [...errors, invalidValue(path, '', 'cannot set both port name & port number')]
  }
  if (port.name) return [...errors, ...invalidFor(`${where}.port.name`, port.name, checkPortName(port.name))]
  if (port.number) {
    return [...errors, ...invalidFor(`${where}.port.number`, port.number, checkPortNumber(port.number))]
  }
  return [...errors, required(path, 'port name or number is required')]
}

/** A reference to an object of any kind in the same namespace. */
function validateReference({ apiGroup, kind, name }: TypedLocalObjectReference, path: string): FieldError[] {
  return [
    ...(apiGroup === undefined
      ? []
      : invalidFor(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup))),
    ...validatePathSegment(kind, `${path}.kind`),
    ...validatePathSegment(name, `${path}.name`),
  ]
}

function validateTls({ hosts = [], secretName }: IngressTLS, path: string): FieldError[] {
  const errors = hosts.flatMap((host, at) => invalidFor(`${path}.hosts[${at}]`, host, checkHost(host)))
  if (secretName)
    errors.push(...invalidFor(`${path}.secretName`, secretName, checkDns1123Subdomain(secretName)))
  return errors
}
