import type { MatchResources, ParamKind, ParamRef } from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import type { Informer } from '../../client/informer.ts'
import { createRequestIndex, type RequestIndex } from '../dynamic/request-index.ts'
import { isExempt } from '../dynamic/request-rules.ts'
import { compileResourceMatcher, type ResourceMatcher } from './resource-matcher.ts'

/** What both kinds of policy have in common. */
export type PolicyObject = KubeObject & {
  spec?: { failurePolicy?: string; matchConstraints?: MatchResources; paramKind?: ParamKind }
}
/** What their bindings have in common. */
export type BindingObject = KubeObject & {
  spec?: { policyName?: string; matchResources?: MatchResources; paramRef?: ParamRef }
}

/** A binding, ready to be asked whether it is about a request. */
export interface PolicyBinding<B> {
  binding: B
  matcher: ResourceMatcher
}

/** A policy with the bindings that put it in force; `compiled` is made when it is first evaluated. */
export interface PolicyHook<P, B, C> {
  policy: P
  matcher: ResourceMatcher
  bindings: PolicyBinding<B>[]
  compiled(): C
}

/** The policies in force of one kind, by name. */
export interface PolicySource<P, B, C> {
  hasSynced(): boolean
  whenSynced(): Promise<void>
  /** Those whose rules may be about a request. Empty for what is exempt. */
  candidates(attributes: AdmissionAttributes): readonly PolicyHook<P, B, C>[]
}

/** Follows informers of policies and their bindings. A policy is compiled once, until it changes. */
export function createPolicySource<P extends PolicyObject, B extends BindingObject, C>(
  policies: Informer<P>,
  bindings: Informer<B>,
  compile: (policy: P) => C,
): PolicySource<P, B, C> {
  let index: RequestIndex<PolicyHook<P, B, C>> | undefined
  const known = new WeakMap<P, Pick<PolicyHook<P, B, C>, 'policy' | 'matcher' | 'compiled'>>()
  const forget = (): void => void (index = undefined)
  policies.addHandler({ added: forget, updated: forget, deleted: forget })
  bindings.addHandler({ added: forget, updated: forget, deleted: forget })

  function prepare(policy: P): Pick<PolicyHook<P, B, C>, 'policy' | 'matcher' | 'compiled'> {
    const before = known.get(policy)
    if (before) return before
    let compiled: C | undefined
    const made = {
      policy,
      matcher: compileResourceMatcher(policy.spec?.matchConstraints),
      compiled: () => (compiled ??= compile(policy)),
    }
    known.set(policy, made)
    return made
  }

  function hooks(): PolicyHook<P, B, C>[] {
    const byPolicy = Map.groupBy(bindings.store.list().toSorted(byName), ({ spec }) => spec?.policyName)
    return policies.store
      .list()
      .toSorted(byName)
      .flatMap((policy) => {
        const bound = byPolicy.get(policy.metadata.name) ?? []
        if (bound.length === 0) return []
        const prepared = bound.map((binding) => {
          return { binding, matcher: compileResourceMatcher(binding.spec?.matchResources) }
        })
        return [{ ...prepare(policy), bindings: prepared }]
      })
  }

  return {
    hasSynced: () => policies.hasSynced() && bindings.hasSynced(),
    whenSynced: async () => void (await Promise.all([policies.whenSynced(), bindings.whenSynced()])),
    candidates(attributes) {
      index ??= createRequestIndex(hooks(), (hook, request) =>
        !isExempt(request.resource) && hook.matcher.mayMatch(request) ? hook : undefined,
      )
      return index.find(attributes)
    },
  }
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1
}
