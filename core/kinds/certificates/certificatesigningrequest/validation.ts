import { X509Certificate } from 'node:crypto'
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/generated/certificates-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { equalInside } from '../../validation/internal-form.ts'
import { internalDiff } from '../../validation/unified-diff.ts'
import { validateSignerName } from './signer-name.ts'
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { signingRequestProblem } from './signing-request.ts'
import { repeats } from '../../validation/repeats.ts'

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
const legacySigner = 'kubernetes.io/legacy-unknown'
const shortestSeconds = 600
/** Conditions that are final once they are there. */
const finalTypes = ['Approved', 'Denied', 'Failed']
const conditionsPath = 'status.conditions'
const certificatePath = 'status.certificate'

/** A request as it is created; its spec never changes (upstream: pkg/apis/certificates/validation). */
export function validateRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const { usages: wanted = [], signerName, expirationSeconds } = spec
  const problem = signingRequestProblem(spec.request ?? '')
  const errors = problem === undefined ? [] : [invalidValue('spec.request', spec.request, problem)]
  if (wanted.length === 0) errors.push(required('spec.usages'))
  for (const [at, usage] of wanted.entries()) {
    if (!usages.includes(usage)) errors.push(notSupported(`spec.usages[${at}]`, usage, usages))
  }
  for (const at of repeats(wanted)) errors.push(duplicate(`spec.usages[${at}]`, wanted[at]))
  if (signerName === legacySigner) {
    const why = 'the legacy signerName is not allowed via this API version'
    errors.push(invalidValue('spec.signerName', signerName, why))
  } else errors.push(...validateSignerName(signerName ?? '', 'spec.signerName'))
  if (expirationSeconds !== undefined && expirationSeconds < shortestSeconds) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)'
    errors.push(invalidValue('spec.expirationSeconds', expirationSeconds, why))
  }
  return errors
}

/** Whether a change may decide on the request, or may hand out the certificate. */
export interface RequestUpdate {
  old: CertificateSigningRequest
  through: 'status' | 'approval'
}

/** A change through one of the subresources: each may write its own half of the status. */
export function validateStatusUpdate(object: CertificateSigningRequest, update: RequestUpdate): FieldError[] {
  const { old, through } = update
  const errors = validateConditions(object.status?.conditions ?? [])
  for (const type of finalTypes) {
    const [after, before] = [object, old].map(({ status }) => conditionsOf(status?.conditions, type))
    errors.push(...validateFinal(type, { after: after!, before: before!, isDecided: through === 'status' }))
  }
  const [after = '', before = ''] = [object, old].map(({ status }) => status?.certificate)
  if (after === before) return errors
  const problem = certificateProblem(after)
  if (problem !== undefined) errors.push(invalidValue(certificatePath, '<certificate data>', problem))
  if (through === 'approval') {
    errors.push(forbiddenField(certificatePath, 'updates may not set certificate content'))
  } else if (before !== '') {
    errors.push(forbiddenField(certificatePath, 'updates may not modify existing certificate content'))
  }
  return errors
}

function conditionsOf(
  conditions: CertificateSigningRequestCondition[] | undefined,
  type: string,
): CertificateSigningRequestCondition[] {
  return (conditions ?? []).filter((condition) => condition.type === type)
}

function validateFinal(
  type: string,
  change: {
    after: CertificateSigningRequestCondition[]
    before: CertificateSigningRequestCondition[]
    /** Whether approval and denial are settled elsewhere. */
    isDecided: boolean
  },
): FieldError[] {
  const { after, before, isDecided } = change
  const refuse = (verb: string, more = ''): FieldError[] => [
    forbiddenField(conditionsPath, `updates may not ${verb} a condition of type "${type}"${more}`),
  ]
  if (after.length < before.length) return refuse('remove')
  if (!isDecided || type === 'Failed') return []
  if (after.length > before.length) return refuse('add')
  const conditions = '[]certificates.CertificateSigningRequestCondition'
  return equalInside(conditions, after, before)
    ? []
    : refuse('modify', `\n${internalDiff(conditions, before, after)}`)
}

function validateConditions(conditions: CertificateSigningRequestCondition[]): FieldError[] {
  const types: string[] = []
  return conditions.flatMap(({ type, status }, at) => {
    const where = `${conditionsPath}[${at}]`
    const errors: FieldError[] = []
    const allowed = finalTypes.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (!type) errors.push(required(`${where}.type`))
    if (!status) errors.push(required(`${where}.status`))
    else if (!allowed.includes(status)) errors.push(notSupported(`${where}.status`, status, allowed))
    const other = { Approved: 'Denied', Denied: 'Approved' }[type]
    if (other && types.includes(other)) {
      const why = 'Approved and Denied conditions are mutually exclusive'
      errors.push(invalidValue(`${where}.type`, type, why))
    }
    if (types.includes(type)) errors.push(duplicate(`${where}.type`, type))
    types.push(type)
    return errors
  })
}

function certificateProblem(base64: string): string | undefined {
  if (base64 === '') return undefined
  const text = Buffer.from(base64, 'base64').toString('latin1')
  const blocks = [...text.matchAll(/-----BEGIN ([^-]+)-----[^-]*-----END [^-]+-----/g)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const [block, type] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found "${type}"`
    try {
      new X509Certificate(block)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}
