import { parseExactJson } from '../../api/exact-json.ts'
import { randomUUID } from 'node:crypto'
import type { AdmissionAttributes } from '../../api/request.ts'
import type { Status } from '../../api/status.ts'
import { describeRequest } from '../dynamic/describe-request.ts'
import type { RegisteredWebhook } from './webhook-source.ts'

/** What a webhook answered, checked (upstream: plugin/webhook/request/admissionreview.go). */
export interface ReviewResponse {
  allowed: boolean
  /** JSON patch operations. */
  patch?: unknown[]
  status?: Partial<Status>
  auditAnnotations: Record<string, string>
  warnings: string[]
}

export interface Review {
  uid: string
  apiVersion: string
  body: object
}

const versions = ['v1', 'v1beta1']

/** The AdmissionReview to send, in the first version the webhook lists and we speak. Throws when there is none. */
export function reviewRequest(
  { webhook }: RegisteredWebhook,
  view: AdmissionAttributes,
  requested: AdmissionAttributes,
): Review {
  const version = webhook.admissionReviewVersions.find((one) => versions.includes(one))
  if (!version) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)')
  const apiVersion = `admission.k8s.io/${version}`
  const uid = randomUUID()
  return {
    uid,
    apiVersion,
    body: {
      kind: 'AdmissionReview',
      apiVersion,
      request: {
        uid,
        ...describeRequest(view, requested),
        object: view.object ?? null,
        oldObject: view.oldObject ?? null,
      },
    },
  }
}

interface RawResponse {
  uid?: unknown
  allowed?: unknown
  patch?: unknown
  patchType?: unknown
  status?: unknown
  auditAnnotations?: unknown
  warnings?: unknown
}

/**
 * Checks an answer and reads it. v1beta1 may leave out uid, type and patchType. Throws Errors in upstream's words; of a
 * patch that cannot be read, an UndecodablePatchError.
 */
export function readResponse(
  review: Review,
  answer: Record<string, unknown>,
  isMutating: boolean,
): ReviewResponse {
  const response = answer.response as RawResponse | undefined | null
  if (typeof response !== 'object' || response === null) throw new Error('webhook response was absent')
  const isV1 = review.apiVersion === 'admission.k8s.io/v1'
  if (isV1) {
    if (response.uid !== review.uid) {
      throw new Error(
        `expected response.uid=${JSON.stringify(review.uid)}, got ${JSON.stringify(response.uid ?? '')}`,
      )
    }
    if (answer.apiVersion !== review.apiVersion || answer.kind !== 'AdmissionReview') {
      throw new Error(
        `expected webhook response of ${review.apiVersion}, Kind=AdmissionReview, got ${String(answer.apiVersion ?? '')}, Kind=${String(answer.kind)}`,
      )
    }
  }
  const patch = isV1 ? checkedPatch(response, isMutating) : isMutating ? textOf(response.patch) : ''
  return {
    allowed: response.allowed === true,
    ...(patch && { patch: decodePatch(patch) }),
    ...(typeof response.status === 'object' && response.status !== null && { status: response.status }),
    auditAnnotations: (response.auditAnnotations ?? {}) as Record<string, string>,
    warnings: Array.isArray(response.warnings) ? response.warnings.map(String) : [],
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function checkedPatch({ patch, patchType }: RawResponse, isMutating: boolean): string {
  const text = textOf(patch)
  if (!isMutating) {
    if (text) throw new Error('validating webhook may not return response.patch')
    if (typeof patchType === 'string') throw new Error('validating webhook may not return response.patchType')
    return ''
  }
  if (text && typeof patchType !== 'string') {
    throw new Error('webhook returned response.patch but not response.patchType')
  }
  if (!text && typeof patchType === 'string') {
    throw new Error('webhook returned response.patchType but not response.patch')
  }
  if (text && patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
  if (text && patchType !== 'JSONPatch') throw new UnsupportedPatchError(String(patchType))
  return text
}

/** A patch of a type that nobody knows. */
export class UnsupportedPatchError extends Error {
  constructor(patchType: string) {
    super(`unsupported patch type ${JSON.stringify(patchType)}`)
  }
}

/** A patch that is no JSON patch. */
export class UndecodablePatchError extends Error {}

function decodePatch(base64: string): unknown[] {
  let value: unknown
  try {
    value = parseExactJson(Buffer.from(base64, 'base64').toString('utf8'))
  } catch (error) {
    throw new UndecodablePatchError((error as Error).message)
  }
  if (!Array.isArray(value)) {
    throw new UndecodablePatchError('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  }
  return value
}
