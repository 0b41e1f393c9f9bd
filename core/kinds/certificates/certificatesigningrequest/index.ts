import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/generated/certificates-v1.ts'
import { humanDuration } from '../../../api/human-duration.ts'
import type { RequestContext } from '../../../api/request.ts'
import { invalid } from '../../../api/status.ts'
import { defineKind } from '../../../registry/kind.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { pathSegmentProblems } from '../../../api/names.ts'
import { ageColumn, nameColumn } from '../../columns.ts'
import { validateRequest, validateStatusUpdate } from './validation.ts'

const kind = { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' }
const schema = 'io.k8s.api.certificates.v1.CertificateSigningRequest'

/** `/approval`: whoever may decide writes the conditions Approved and Denied, and metadata as with any write, but nothing else. */
const approval: SubresourceDefinition<CertificateSigningRequest> = {
  body: { ...kind, schema },
  verbs: ['get', 'update', 'patch'],
  apply(old, body, context) {
    const { metadata, status: { conditions } = {} } = body as CertificateSigningRequest
    const next: CertificateSigningRequest = {
      ...old,
      metadata,
      status: { ...old.status, ...(conditions && { conditions }) },
    }
    if (!conditions) delete next.status?.conditions
    stampConditions(next, old, context)
    const errors = validateStatusUpdate(next, { old, through: 'approval' })
    if (errors.length > 0) throw invalid(kind, old.metadata.name, errors)
    return next
  },
}

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  ...kind,
  namespaced: false,
  names: {
    plural: 'certificatesigningrequests',
    singular: 'certificatesigningrequest',
    short: ['csr'],
  },
  schema,
  resetsSpec: true,
  tracksGeneration: false,
  columns: [
    nameColumn(),
    ageColumn(),
    { name: 'SignerName', type: 'string', value: ({ spec }) => spec.signerName || '<none>' },
    { name: 'Requestor', type: 'string', value: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      value: ({ spec: { expirationSeconds: seconds } }) =>
        seconds === undefined ? '<none>' : humanDuration(seconds * 1000),
    },
    { name: 'Condition', type: 'string', value: conditionText },
  ],
  prepareForCreate(object, { user }) {
    const { spec } = object
    // Who asks is for the server to say.
    for (const name of ['username', 'uid', 'groups', 'extra'] as const) delete spec[name]
    spec.username = user.name
    if (user.uid) spec.uid = user.uid
    if (user.groups.length > 0) spec.groups = [...user.groups]
    if (user.extra) spec.extra = { ...user.extra }
  },
  prepareForUpdate(object, old) {
    object.spec = structuredClone(old.spec)
  },
  validateName: pathSegmentProblems,
  validateCreate: validateRequest,
  status: {
    prepareForUpdate(object, old, context) {
      keepDecision(object, old)
      stampConditions(object, old, context)
    },
    validateUpdate: (object, old) => validateStatusUpdate(object, { old, through: 'status' }),
  },
  subresources: { approval },
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
})

/** A writer of the status that does not know the decision does not take it away. */
function keepDecision(object: CertificateSigningRequest, old: CertificateSigningRequest): void {
  const decided = (old.status?.conditions ?? []).filter(
    ({ type }) => type === 'Approved' || type === 'Denied',
  )
  const given = object.status?.conditions ?? []
  const missing = decided.filter(({ type }) => !given.some((one) => one.type === type))
  if (missing.length > 0) object.status = { ...object.status, conditions: [...given, ...missing] }
}

/** Times of conditions where the writer gave none. */
function stampConditions(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  { now }: RequestContext,
): void {
  for (const condition of object.status?.conditions ?? []) {
    const before = old.status?.conditions?.find(({ type }) => type === condition.type)
    condition.lastUpdateTime ??= now
    condition.lastTransitionTime ??=
      before?.status === condition.status ? (before.lastTransitionTime ?? now) : now
  }
}

/** `Approved,Issued`, `Pending`, … */
function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean =>
    (status?.conditions ?? []).some(
      (condition: CertificateSigningRequestCondition) => condition.type === type,
    )
  if (!status?.conditions?.length) return 'Pending'
  // A denial counts for more than an approval, as upstream.
  const text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : ''
  return `${text}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`
}
