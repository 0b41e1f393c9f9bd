import type { APIService, APIServiceCondition } from '../../api/api-service.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1035Label, checkDns1123Subdomain, checkPortNumber } from '../validation/formats.ts'

const statuses = ['True', 'False', 'Unknown']
const maxGroupPriority = 20_000
const maxVersionPriority = 1000

export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  namespaced: false,
  names: { plural: 'apiservices', singular: 'apiservice', categories: ['api-extensions'] },
  schema: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  requiresResourceVersion: true,
  tracksGeneration: false,
  columns: [
    nameColumn(),
    {
      name: 'Service',
      type: 'string',
      description: 'The reference to the service that hosts this API endpoint.',
      value: ({ spec: { service } }) => (service ? `${service.namespace}/${service.name}` : 'Local'),
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Whether this service is available.',
      value: ({ status }) => availability(status?.conditions?.find(({ type }) => type === 'Available')),
    },
    ageColumn(),
  ],
  default(object) {
    // Absent, it is judged as a spec of zero values.
    object.spec ??= { groupPriorityMinimum: 0, versionPriority: 0 }
    if (object.spec.service) object.spec.service.port ??= 443
  },
  prepareForCreate(object, { now }) {
    // What is served here is available from the start.
    if (!object.spec.service) object.status = { conditions: [localCondition(now)] }
  },
  validateName: () => [],
  validate: validateApiService,
  status: {
    keepsMetadata: 'reset',
    keptOnCreate: true,
    validateUpdate: ({ status }) =>
      (status?.conditions ?? []).flatMap((condition, at) =>
        statuses.includes(condition.status)
          ? []
          : [notSupported(`status.conditions[${at}].status`, condition.status, statuses)],
      ),
  },
})

/** The condition of an APIService that is served here. `now` is RFC 3339. */
function localCondition(now: string): APIServiceCondition {
  return {
    type: 'Available',
    status: 'True',
    lastTransitionTime: now,
    reason: 'Local',
    message: 'Local APIServices are always available',
  }
}

function availability(condition: APIServiceCondition | undefined): string {
  if (!condition) return 'Unknown'
  const { status, reason } = condition
  return status === 'True' || !reason ? status : `${status} (${reason})`
}

/** Upstream: pkg/apis/apiregistration/validation. */
function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const errors: FieldError[] = []
  const wanted = `${version}.${group}`
  // What a name is to begin with is judged as if it were the name.
  for (const field of ['generateName', 'name'] as const) {
    const name = metadata[field]
    if (!name || name === wanted) continue
    const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`
    errors.push(invalidValue(`metadata.${field}`, name, why))
  }
  if (group === '' && version !== 'v1') {
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  }
  if (group !== '') errors.push(...invalidFor('spec.group', group, checkDns1123Subdomain(group)))
  errors.push(...invalidFor('spec.version', version, checkDns1035Label(version)))
  if (!(groupPriorityMinimum > 0 && groupPriorityMinimum <= maxGroupPriority)) {
    const why = `must be positive and less than ${maxGroupPriority}`
    errors.push(invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum, why))
  }
  if (!(versionPriority > 0 && versionPriority <= maxVersionPriority)) {
    const why = `must be positive and less than ${maxVersionPriority}`
    errors.push(invalidValue('spec.versionPriority', versionPriority, why))
  }
  return [...errors, ...validateService(spec)]
}

function validateService({ service, caBundle, insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  const errors: FieldError[] = []
  const refuseInsecure = (why: string): number =>
    errors.push(invalidValue('spec.insecureSkipTLSVerify', insecureSkipTLSVerify, why))
  if (!service) {
    if (caBundle) {
      const size = `${Buffer.byteLength(caBundle, 'base64')} bytes`
      errors.push(invalidValue('spec.caBundle', size, 'local APIServices may not have a caBundle'))
    }
    if (insecureSkipTLSVerify) refuseInsecure('local APIServices may not have insecureSkipTLSVerify')
    return errors
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'))
  if (!service.name) errors.push(required('spec.service.name'))
  const problems = checkPortNumber(service.port ?? 0)
  if (problems.length > 0) {
    const why = `port is not valid: ${problems.join(', ')}`
    errors.push(invalidValue('spec.service.port', service.port, why))
  }
  if (insecureSkipTLSVerify && caBundle) refuseInsecure('may not be true if caBundle is present')
  return errors
}
