import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { rfc3339 } from '../../util/clock.ts'
import { readSigningRequest } from '../../util/signing-request.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'
import { hasCondition } from './conditions.ts'
import { checkOf } from './signers.ts'
import type { SigningAuthority } from './signing-authority.ts'

/** How long certificates live at most, and when no duration is asked for (upstream: --cluster-signing-duration). */
const longestMs = 365 * 24 * 3600 * 1000
const shortestMs = 10 * 60 * 1000

/**
 * Issues the certificates of approved requests to this cluster's own signers; those that break a signer's rules get the
 * condition Failed (upstream: pkg/controller/certificates/signer).
 */
export function createCertificateSigner(
  dependencies: ControllerDependencies,
  authority: SigningAuthority,
): Controller {
  const { client, clock } = dependencies

  async function sign(request: CertificateSigningRequest): Promise<void> {
    const { signerName, request: content, usages = [], expirationSeconds } = request.spec
    const problem = checkOf(signerName)?.(readSigningRequest(content), usages)
    if (problem !== undefined) return fail(request, problem)
    const wantedMs = (expirationSeconds ?? Infinity) * 1000
    const durationMs = Math.max(Math.min(wantedMs, longestMs), shortestMs)
    const pem = await authority.sign(content, { usages, durationMs })
    await update({
      ...request,
      status: { ...request.status, certificate: Buffer.from(pem).toString('base64') },
    })
  }

  function fail(request: CertificateSigningRequest, message: string): Promise<void> {
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message,
      lastUpdateTime: rfc3339(clock.now()),
    }
    const conditions = [...(request.status?.conditions ?? []), failed]
    return update({ ...request, status: { ...request.status, conditions } })
  }

  async function update(request: CertificateSigningRequest): Promise<void> {
    try {
      await client.updateStatus(resources.certificateSigningRequests, request)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  return defineController(dependencies, {
    name: 'csrsigning',
    for: resources.certificateSigningRequests,
    async reconcile({ object }) {
      if (!object || object.status?.certificate || !checkOf(object.spec.signerName)) return
      const isApproved = hasCondition(object, 'Approved') && !hasCondition(object, 'Denied')
      if (isApproved && !hasCondition(object, 'Failed')) await sign(object)
    },
  })
}
