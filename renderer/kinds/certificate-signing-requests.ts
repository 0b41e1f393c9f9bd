import { BadgeCheck } from '@lucide/vue'
import type { CertificateSigningRequest } from '../../core/api/generated/certificates-v1.ts'
import { resources } from '../../core/api/resources.ts'
import RequestFacts from '../components/sections/RequestFacts.vue'
import { approveAction, denyAction, summarizeRequest } from '../kit/certificate-actions.ts'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { toneOf } from '../kit/tone.ts'

/** CertificateSigningRequests. */
export const certificateSigningRequests = defineKindView<CertificateSigningRequest>({
  resource: resources.certificateSigningRequests,
  section: 'access',
  order: 60,
  icon: BadgeCheck,
  title: 'kind.certificateRequests',
  columns: [
    column.nameColumn(),
    column.statusColumn('Condition', (_, text) => (text === 'Denied' ? 'bad' : toneOf(text))),
    column.cellColumn('signer', 'SignerName', { title: 'certificate.signer', width: 210, grow: 2 }),
    column.cellColumn('requestor', 'Requestor', { title: 'certificate.requestor', width: 140, grow: 1 }),
    column.cellColumn('lasts', 'RequestedDuration', { title: 'certificate.lasts', width: 110 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: summarizeRequest,
  sections: [{ id: 'request', title: 'section.request', component: RequestFacts }],
  actions: [approveAction, denyAction],
  emptyHint: 'hint.requests',
})
