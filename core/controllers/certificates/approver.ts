import type { SubjectAccessReview } from '../../api/generated/authorization-v1.ts'
import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { readSigningRequest } from '../../util/signing-request.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, type Result } from '../kit/run-controller.ts'
import { hasCondition } from './conditions.ts'
import { kubeletClientProblem, signerNames } from './signers.ts'

/** Who may not have it approved now may be allowed to later: asked again when the request is twice as old. */
const retryMs = { shortest: 1000, longest: 1_000_000 }

/**
 * Approves what kubelets ask for their client certificates: their first one for those who may create
 * `certificatesigningrequests/nodeclient`, a further one of their own for those who may create `…/selfnodeclient`.
 * Nobody approves other requests by itself, those for serving certificates included (upstream:
 * pkg/controller/certificates/approver).
 */
export function createCertificateApprover(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies

  async function mayCreate({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const review: SubjectAccessReview = {
      metadata: { name: '' },
      spec: {
        user: spec.username ?? '',
        ...(spec.uid && { uid: spec.uid }),
        ...(spec.groups && { groups: spec.groups }),
        ...(spec.extra && { extra: spec.extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
        },
      },
    }
    const { status } = await client.create(resources.subjectAccessReviews, review)
    return status?.allowed === true
  }

  async function approve(request: CertificateSigningRequest, message: string): Promise<void> {
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message }
    const conditions = [...(request.status?.conditions ?? []), approved]
    const decided: CertificateSigningRequest = { ...request, status: { ...request.status, conditions } }
    const ref = { name: request.metadata.name, subresource: 'approval' }
    try {
      await client.updateSubresource(resources.certificateSigningRequests, ref, decided)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function decide(request: CertificateSigningRequest): Promise<Result | void> {
    const { signerName, request: content, usages = [], username } = request.spec
    if (signerName !== signerNames.kubeletClient) return
    const wanted = readSigningRequest(content)
    if (kubeletClientProblem(wanted, usages) !== undefined) return
    if (username === wanted.commonName && (await mayCreate(request, 'selfnodeclient')))
      return approve(request, 'Auto approving self kubelet client certificate after SubjectAccessReview.')
    if (await mayCreate(request, 'nodeclient'))
      return approve(request, 'Auto approving kubelet client certificate after SubjectAccessReview.')
    const ageMs = clock.now() - Date.parse(request.metadata.creationTimestamp ?? '')
    return { requeueAfterMs: Math.min(Math.max(ageMs, retryMs.shortest), retryMs.longest) }
  }

  return defineController(dependencies, {
    name: 'csrapproving',
    for: resources.certificateSigningRequests,
    async reconcile({ object }) {
      if (!object || object.status?.certificate) return
      if (hasCondition(object, 'Approved') || hasCondition(object, 'Denied')) return
      return decide(object)
    },
  })
}
