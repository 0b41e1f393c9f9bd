import { describe, expect, it, vi } from 'vitest'
import type { CertificateSigningRequest } from '../../core/api/generated/certificates-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { silentProgress } from '../testing/silent-progress.ts'
import type { ActionHost, ActionTarget } from './action.ts'
import { approveAction, denyAction, summarizeRequest } from './certificate-actions.ts'

function request(...conditions: string[]): CertificateSigningRequest {
  return {
    metadata: { name: 'jane', resourceVersion: '7' },
    spec: { request: '', signerName: 'kubernetes.io/kube-apiserver-client' },
    status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
  }
}
const target = (object: CertificateSigningRequest): ActionTarget => ({
  resource: resources.certificateSigningRequests,
  name: 'jane',
  object,
})

describe('deciding on a certificate request', () => {
  it.each([
    [[], 'Pending', true],
    [['Approved'], 'Approved', false],
    [['Denied'], 'Denied', false],
    [['Approved', 'Failed'], 'Failed', false],
  ])('%j is %s, and open: %s', (conditions, text, open) => {
    const object = request(...conditions)
    expect(summarizeRequest(object).text).toBe(text)
    expect([approveAction.when?.(target(object)), denyAction.when?.(target(object))]).toEqual([open, open])
  })

  it.each([
    [approveAction, 'Approved'],
    [denyAction, 'Denied'],
  ])('writes one condition through the approval subresource', async (action, type) => {
    const replace = vi.fn()
    const kube = { get: () => Promise.resolve(request()), replace }
    await action.dialog?.run({ kube } as unknown as ActionHost, target(request()), {}, silentProgress)
    const [resource, written, options] = replace.mock.calls[0] as [object, CertificateSigningRequest, object]
    expect(resource).toBe(resources.certificateSigningRequests)
    expect(options).toEqual({ subresource: 'approval' })
    expect(written.metadata.resourceVersion).toBe('7')
    expect(written.status?.conditions).toEqual([expect.objectContaining({ type, status: 'True' })])
  })
})
