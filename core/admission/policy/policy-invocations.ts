import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import { namespaceLabels } from '../dynamic/namespaces.ts'
import { findParams, paramResource, type ParamSource } from './find-params.ts'
import type { BindingObject, PolicyHook, PolicyObject } from './policy-source.ts'

/** A policy to be evaluated by one of its bindings: once for each parameter. */
export interface PolicyInvocation<P, B, C> {
  hook: PolicyHook<P, B, C>
  binding: B
  params: (KubeObject | undefined)[]
  /** In what form the policy wants the object, where that is not the request's own. */
  equivalent?: EquivalentResource | undefined
}

/** A policy that cannot be evaluated as it, or its binding, is configured. */
export interface Misconfiguration<P, B> {
  policy: P
  binding?: B
  /** In upstream's words. */
  problem: string
}

type Step<P, B, C> =
  | { invocation: PolicyInvocation<P, B, C>; misconfigured?: undefined }
  | { invocation?: undefined; misconfigured: Misconfiguration<P, B> }

/** What is to be evaluated for a request, one after the other (upstream: plugin/policy/generic/policy_dispatcher.go). */
export async function* policyInvocations<P extends PolicyObject, B extends BindingObject, C>(
  candidates: readonly PolicyHook<P, B, C>[],
  attributes: AdmissionAttributes,
  source: ParamSource,
): AsyncGenerator<Step<P, B, C>> {
  const labels = (name: string): ReturnType<typeof namespaceLabels> => namespaceLabels(source.reader, name)
  for (const hook of candidates) {
    const { policy } = hook
    let match
    let resource
    try {
      match = await hook.matcher.match(attributes, labels)
      if (!match) continue
      resource = paramResource(policy.spec?.paramKind, source)
    } catch (error) {
      yield { misconfigured: { policy, problem: `failed to configure policy: ${messageOf(error)}` } }
      continue
    }
    for (const { binding, matcher } of hook.bindings) {
      try {
        if (!(await matcher.match(attributes, labels))) continue
        const params = await findParams(source, resource, binding.spec?.paramRef, attributes.namespace)
        yield { invocation: { hook, binding, params, equivalent: match.equivalent } }
      } catch (error) {
        const problem = `failed to configure binding: ${messageOf(error)}`
        yield { misconfigured: { policy, binding, problem } }
      }
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
