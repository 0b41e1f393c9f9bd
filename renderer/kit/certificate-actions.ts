import { BadgeCheck, BadgeX } from '@lucide/vue'
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../core/api/generated/certificates-v1.ts'
import { isConditionTrue } from '../../core/api/conditions.ts'
import { refOf, type ActionTarget, type KindAction } from './action.ts'
import type { StatusSummary } from './kind-view.ts'

/** Whether nobody has decided yet; a request is decided once and for all. */
function isOpen({ object, row }: ActionTarget): boolean {
  if (object) return summarizeRequest(object as CertificateSigningRequest).tone === 'progress'
  return row?.cells.includes('Pending') ?? true
}

/** What has become of a request, in kubectl's words. */
export function summarizeRequest({ status }: CertificateSigningRequest): StatusSummary {
  if (isConditionTrue(status?.conditions, 'Denied')) return { text: 'Denied', tone: 'bad' }
  if (isConditionTrue(status?.conditions, 'Failed')) return { text: 'Failed', tone: 'bad' }
  if (!isConditionTrue(status?.conditions, 'Approved')) return { text: 'Pending', tone: 'progress' }
  return status?.certificate ? { text: 'Approved,Issued', tone: 'ok' } : { text: 'Approved', tone: 'ok' }
}

/** The same condition that `kubectl certificate` adds. */
function condition(type: 'Approved' | 'Denied'): CertificateSigningRequestCondition {
  const verb = type === 'Approved' ? 'approved' : 'denied'
  return {
    type,
    status: 'True',
    reason: type === 'Approved' ? 'WheelhouseApprove' : 'WheelhouseDeny',
    message: `This CSR was ${verb} in the Wheelhouse page.`,
    lastUpdateTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

function decision(type: 'Approved' | 'Denied'): Pick<KindAction, 'bulk' | 'when' | 'dialog'> {
  const verb = type === 'Approved' ? 'approve' : 'deny'
  return {
    bulk: true,
    when: isOpen,
    dialog: {
      body: `action.${verb}Body`,
      confirm: `action.${verb}`,
      kubectl: ({ name }) => `certificate ${verb} ${name}`,
      async run(host, target) {
        const ref = refOf(target)
        const request = await host.kube.get<CertificateSigningRequest>(target.resource, ref)
        const conditions = [...(request.status?.conditions ?? []), condition(type)]
        const decided = { ...request, status: { ...request.status, conditions } }
        return host.kube.replace(target.resource, decided, { subresource: 'approval' })
      },
    },
  }
}

/** Approves a request, so that its signer issues the certificate. */
export const approveAction: KindAction = {
  id: 'approve',
  title: 'action.approve',
  icon: BadgeCheck,
  ...decision('Approved'),
}

/** Denies a request for good. */
export const denyAction: KindAction = {
  id: 'deny',
  title: 'action.deny',
  icon: BadgeX,
  danger: true,
  ...decision('Denied'),
}
