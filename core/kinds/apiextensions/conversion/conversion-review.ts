interface ConversionResponse {
  uid?: unknown
  result?: { status?: string; message?: string }
  convertedObjects?: unknown
}

/** The objects of an answered ConversionReview. Throws Errors in upstream's words; v1beta1 may leave out what it is and whose. */
export function convertedObjects(
  answer: Record<string, unknown>,
  { uid, apiVersion }: { uid: string; apiVersion: string },
): unknown[] {
  const isV1 = apiVersion === 'apiextensions.k8s.io/v1'
  if (isV1 && (answer.apiVersion !== apiVersion || answer.kind !== 'ConversionReview')) {
    throw new Error(
      `expected webhook response of ${apiVersion}, Kind=ConversionReview, got ${String(answer.apiVersion ?? '')}, Kind=${String(answer.kind)}`,
    )
  }
  const response = answer.response as ConversionResponse | null | undefined
  if (typeof response !== 'object' || response === null) throw new Error('no response provided')
  if (isV1 && response.uid !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  }
  const { status = '', message } = response.result ?? {}
  if (status !== 'Success') {
    throw new Error(message || `response.result.status was '${status}', not 'Success'`)
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : []
}
