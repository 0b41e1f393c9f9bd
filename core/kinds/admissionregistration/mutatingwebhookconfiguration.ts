import type { MutatingWebhookConfiguration } from '../../api/generated/admissionregistration-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { defaultWebhook, validateWebhooks, webhookColumns, webhookTolerances } from './webhooks.ts'

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
  names: {
    plural: 'mutatingwebhookconfigurations',
    singular: 'mutatingwebhookconfiguration',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  toleratedWhenStored: webhookTolerances,
  tracksGeneration: true,
  generationOf: ({ webhooks }) => webhooks,
  requiresResourceVersion: true,
  columns: webhookColumns(),
  default({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks ?? [], 'webhooks'),
})
