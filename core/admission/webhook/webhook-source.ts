import type { MutatingWebhook, ValidatingWebhook } from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import type { Informer } from '../../client/informer.ts'
import { createRequestIndex, type RequestIndex } from '../dynamic/request-index.ts'
import { matchRules } from '../dynamic/match-rules.ts'
import { isExempt } from '../dynamic/request-rules.ts'
import { compileSelectors, type SelectorMatcher } from '../dynamic/request-selectors.ts'
import { compileMatchConditions, type ConditionMatcher } from '../expressions/match-conditions.ts'

/** A webhook of either kind; only a mutating one can be called again. */
export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

/** A registered webhook, ready to be asked whether it concerns a request. */
export interface RegisteredWebhook {
  /** Unique among all of its kind. */
  id: string
  configuration: string
  webhook: Webhook
  selects: SelectorMatcher
  /** Further conditions; undefined when there are none. */
  conditions: ConditionMatcher | undefined
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

/** Follows an informer of webhook configurations; each is compiled once, when a write first might concern it. */
export function createWebhookSource<T extends Configuration>(informer: Informer<T>): WebhookSource {
  const compiled = new WeakMap<T, RegisteredWebhook[]>()
  let index: RequestIndex<Invocation> | undefined
  const forget = (): void => void (index = undefined)
  function registered(): RegisteredWebhook[] {
    const sorted = informer.store.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    return sorted.flatMap((configuration) => {
      const known = compiled.get(configuration) ?? compile(configuration)
      compiled.set(configuration, known)
      return known
    })
  }
  informer.addHandler({ added: forget, updated: forget, deleted: forget })
  return {
    hasSynced: () => informer.hasSynced(),
    whenSynced: () => informer.whenSynced(),
    candidates(attributes) {
      index ??= createRequestIndex(registered(), invocation)
      return index.find(attributes)
    },
  }
}

function invocation(registered: RegisteredWebhook, attributes: AdmissionAttributes): Invocation | undefined {
  if (isExempt(attributes.resource)) return undefined
  const { rules = [], matchPolicy } = registered.webhook
  const match = matchRules(rules, matchPolicy, attributes)
  return match && { registered, ...match }
}

function compile({ metadata, webhooks = [] }: Configuration): RegisteredWebhook[] {
  return webhooks.map((webhook, at) => ({
    id: `${metadata.name}/${webhook.name}/${at}`,
    configuration: metadata.name,
    webhook,
    selects: compileSelectors(webhook),
    conditions: compileMatchConditions(webhook.matchConditions),
  }))
}
