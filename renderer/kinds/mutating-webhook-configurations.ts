import { Webhook } from '@lucide/vue'
import type { MutatingWebhookConfiguration } from '../../core/api/generated/admissionregistration-v1.ts'
import { resources } from '../../core/api/resources.ts'
import WebhookCards from '../components/sections/WebhookCards.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** MutatingWebhookConfigurations. */
export const mutatingWebhookConfigurations = defineKindView<MutatingWebhookConfiguration>({
  resource: resources.mutatingWebhookConfigurations,
  section: 'config',
  order: 100,
  icon: Webhook,
  title: 'kind.mutatingWebhooks',
  columns: [
    column.nameColumn(),
    column.cellColumn('webhooks', 'Webhooks', { title: 'section.webhooks', width: 110, align: 'right' }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'webhooks', title: 'section.webhooks', component: WebhookCards }],
})
