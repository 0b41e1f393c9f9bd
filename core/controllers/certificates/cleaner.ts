import { X509Certificate } from 'node:crypto'
import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

const hourMs = 3600 * 1000
/** How long a request stays after it was answered, and unanswered. */
const answeredMs = hourMs
const pendingMs = 24 * hourMs

/**
 * Deletes requests an hour after they were issued, denied or failed, a day after they were made or approved and nothing
 * came of it, and when their certificate has expired (upstream: pkg/controller/certificates/cleaner, which looks hourly).
 */
export function createCertificateCleaner(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies
  return defineController(dependencies, {
    name: 'csrcleaner',
    for: resources.certificateSigningRequests,
    async reconcile({ object }) {
      if (!object) return
      const leftMs = endOf(object) - clock.now()
      // The machine may sleep meanwhile, so the clock is looked at again at least as often as upstream does.
      if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, hourMs) }
      const { name, uid = '' } = object.metadata
      try {
        await client.delete(resources.certificateSigningRequests, { name }, { preconditions: { uid } })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error
      }
      return
    },
  })
}

/** When a request is to go, in milliseconds since the epoch. */
function endOf({ metadata, status }: CertificateSigningRequest): number {
  const { certificate, conditions = [] } = status ?? {}
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    const at = Date.parse(lastUpdateTime ?? '')
    if (type === 'Denied' || type === 'Failed') return [at + answeredMs]
    if (type !== 'Approved') return []
    return certificate ? [at + answeredMs, expiryOf(certificate)] : [at + pendingMs]
  })
  if (conditions.length === 0) ends.push(Date.parse(metadata.creationTimestamp ?? '') + pendingMs)
  return Math.min(...ends.filter((end) => !Number.isNaN(end)))
}

function expiryOf(certificate: string): number {
  return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo)
}
