import type { IngressClass, IngressClassParametersReference } from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateDomainPrefixedPath } from '../validation/domain-names.ts'
import {
  forbiddenField,
  immutable,
  invalidFor,
  notSupported,
  required,
  tooLong,
} from '../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../validation/formats.ts'
import { validatePathSegment } from '../validation/path-segment.ts'

const maxControllerLength = 250
const scopes = ['Cluster', 'Namespace']

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  namespaced: false,
  names: { plural: 'ingressclasses', singular: 'ingressclass' },
  schema: 'io.k8s.api.networking.v1.IngressClass',
  tracksGeneration: true,
  columns: [
    nameColumn(),
    { name: 'Controller', type: 'string', value: ({ spec }) => spec.controller ?? '' },
    { name: 'Parameters', type: 'string', value: ({ spec }) => parametersText(spec.parameters) },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
    if (object.spec.parameters) object.spec.parameters.scope ??= 'Cluster'
  },
  validate({ spec }) {
    const errors: FieldError[] = []
    if ((spec.controller ?? '').length > maxControllerLength) {
      errors.push(tooLong('spec.controller', maxControllerLength))
    }
    errors.push(...validateDomainPrefixedPath(spec.controller, 'spec.controller'))
    return spec.parameters ? [...errors, ...validateParameters(spec.parameters, 'spec.parameters')] : errors
  },
  validateUpdate: ({ spec }, old) =>
    spec.controller === old.spec.controller ? [] : [immutable('spec.controller', spec.controller)],
})

function parametersText(parameters: IngressClassParametersReference | undefined): string {
  if (!parameters) return '<none>'
  const { apiGroup, kind, name } = parameters
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`
}

function validateParameters(parameters: IngressClassParametersReference, path: string): FieldError[] {
  const { apiGroup, kind, name, scope, namespace } = parameters
  const errors = [
    ...(apiGroup === undefined
      ? []
      : invalidFor(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup))),
    ...validatePathSegment(kind, `${path}.kind`),
    ...validatePathSegment(name, `${path}.name`),
  ]
  if (scope === undefined) errors.push(required(`${path}.scope`))
  else if (!scopes.includes(scope)) errors.push(notSupported(`${path}.scope`, scope, scopes))
  else if (scope === 'Namespace') {
    if (namespace === undefined) {
      errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
    } else errors.push(...invalidFor(`${path}.namespace`, namespace, checkDns1123Label(namespace)))
  } else if (namespace !== undefined) {
    errors.push(forbiddenField(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  }
  return errors
}
