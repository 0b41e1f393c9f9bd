import type { ValidatingWebhookConfiguration } from '../../api/generated/admissionregistration-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { defaultWebhook, validateWebhooks, webhookColumns, webhookTolerances } from './webhooks.ts'

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
  names: {
    plural: 'validatingwebhookconfigurations',
    singular: 'validatingwebhookconfiguration',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  toleratedWhenStored: webhookTolerances,
  tracksGeneration: true,
  generationOf: ({ webhooks }) => webhooks,
  requiresResourceVersion: true,
  columns: webhookColumns(),
  default({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook)
    }
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks ?? [], 'webhooks'),
})
