import type { MutatingWebhook, ValidatingWebhook } from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import type { Informer } from '../../client/informer.ts'
import { createRequestIndex, type RequestIndex } from '../dynamic/request-index.ts'
import { isExempt, matchesRule } from '../dynamic/request-rules.ts'
import { compileSelectors, type SelectorMatcher } from '../dynamic/request-selectors.ts'

/** A webhook of either kind; only a mutating one can be called again. */
export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

/** A registered webhook, ready to be asked whether it concerns a request. */
export interface RegisteredWebhook {
  /** Unique among all of its kind. */
  id: string
  configuration: string
  webhook: Webhook
  selects: SelectorMatcher
}

/** The webhooks of one kind in calling order: by name of their configuration, then as listed there. */
export interface WebhookSource {
  hasSynced(): boolean
  whenSynced(): Promise<void>
  /** Those whose rules match; selectors and conditions are still to be asked. Empty for what is exempt. */
  candidates(attributes: AdmissionAttributes): readonly RegisteredWebhook[]
}

type Configuration = KubeObject & { webhooks?: Webhook[] }

/** Follows an informer of webhook configurations; what is compiled is kept until one of them changes. */
export function createWebhookSource<T extends Configuration>(informer: Informer<T>): WebhookSource {
  let index: RequestIndex<RegisteredWebhook> | undefined
  const forget = (): void => void (index = undefined)
  informer.addHandler({ added: forget, updated: forget, deleted: forget })
  return {
    hasSynced: () => informer.hasSynced(),
    whenSynced: () => informer.whenSynced(),
    candidates(attributes) {
      index ??= createRequestIndex(registered(informer.store.list()), concerns)
      return index.find(attributes)
    },
  }
}

function concerns({ webhook }: RegisteredWebhook, attributes: AdmissionAttributes): boolean {
  if (isExempt(attributes.resource)) return false
  return (webhook.rules ?? []).some((rule) => matchesRule(rule, attributes))
}

function registered(configurations: Configuration[]): RegisteredWebhook[] {
  const sorted = configurations.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return sorted.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map((webhook, at) => ({
      id: `${metadata.name}/${webhook.name}/${at}`,
      configuration: metadata.name,
      webhook,
      selects: compileSelectors(webhook),
    })),
  )
}
