import type { MutatingWebhook, ValidatingWebhook } from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
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

/** A webhook to be called, and in what form it wants the object where that is not the request's own. */
export interface Invocation {
  registered: RegisteredWebhook
  equivalent?: EquivalentResource
}

/** The webhooks of one kind in calling order: by name of their configuration, then as listed there. */
export interface WebhookSource {
  hasSynced(): boolean
  whenSynced(): Promise<void>
  /** Those whose rules match; selectors and conditions are still to be asked. Empty for what is exempt. */
  candidates(attributes: AdmissionAttributes): readonly Invocation[]
}

type Configuration = KubeObject & { webhooks?: Webhook[] }

/** Follows an informer of webhook configurations; what is compiled is kept until one of them changes. */
export function createWebhookSource<T extends Configuration>(informer: Informer<T>): WebhookSource {
  let index: RequestIndex<Invocation> | undefined
  const forget = (): void => void (index = undefined)
  informer.addHandler({ added: forget, updated: forget, deleted: forget })
  return {
    hasSynced: () => informer.hasSynced(),
    whenSynced: () => informer.whenSynced(),
    candidates(attributes) {
      index ??= createRequestIndex(registered(informer.store.list()), invocation)
      return index.find(attributes)
    },
  }
}

/** Rules are first held against the request's own resource, then, as matchPolicy says, against its equivalents. */
function invocation(registered: RegisteredWebhook, attributes: AdmissionAttributes): Invocation | undefined {
  if (isExempt(attributes.resource)) return undefined
  const { rules = [], matchPolicy } = registered.webhook
  if (rules.some((rule) => matchesRule(rule, attributes))) return { registered }
  if (matchPolicy === 'Exact') return undefined
  for (const rule of rules) {
    const equivalent = attributes
      .equivalents?.()
      .find(({ resource }) => matchesRule(rule, { ...attributes, resource }))
    if (equivalent) return { registered, equivalent }
  }
  return undefined
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
