import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../api/generated/admissionregistration-v1.ts'
import type { Namespace } from '../../../api/generated/core-v1.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../../api/request.ts'
import { StatusError } from '../../../api/status.ts'
import type { Clock } from '../../../util/clock.ts'
import { namespaceOf } from '../../dynamic/namespaces.ts'
import { createReinvocations, type Reinvocation } from '../../dynamic/reinvocation.ts'
import { replaceObject } from '../../dynamic/replace-object.ts'
import { viewFor } from '../../dynamic/request-view.ts'
import { whenKnown } from '../../dynamic/when-known.ts'
import { observeConditions } from '../../expressions/condition-observer.ts'
import {
  createRequestAuthorizer,
  type ExpressionAuthorizer,
  type RequestAuthorizer,
} from '../../expressions/expression-authorizer.ts'
import { expressionInputs } from '../../expressions/expression-inputs.ts'
import type { ParamSource } from '../find-params.ts'
import { policyInvocations, type PolicyInvocation } from '../policy-invocations.ts'
import { errorTypeOf, type PolicyErrorType, type PolicyObserver } from '../policy-observer.ts'
import type { PolicySource } from '../policy-source.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import { evaluateMutation } from './evaluate-mutation.ts'
import { deniedByPolicies, type PolicyProblem } from './policy-denial.ts'

type Invocation = PolicyInvocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledPolicy>

/** What policies are evaluated with. */
export interface MutatingPolicyOptions extends ParamSource {
  source: PolicySource<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledPolicy>
  authorize: ExpressionAuthorizer
  observer?: PolicyObserver | undefined
  clock: Clock
}

/** One request as its policies see it. */
interface Session {
  attributes: AdmissionAttributes
  authorizer: RequestAuthorizer
  namespace: Namespace | undefined
  reinvocation: Reinvocation
  /** What could not be done under failurePolicy Fail. */
  problems: PolicyProblem[]
  observer: PolicyObserver | undefined
}

/**
 * Lets the mutating policies that a write concerns change its object, one after the other, each with what those before
 * made of it (upstream: plugin/policy/mutating). All have their turn; after it a write is refused for what failed.
 */
export function createMutatingPolicies(options: MutatingPolicyOptions): AdmissionPlugin {
  const { source, authorize, clock } = options
  const reinvocations = createReinvocations()

  async function evaluateAll(attributes: AdmissionAttributes): Promise<void> {
    const invocations: Invocation[] = []
    const misconfigured: PolicyProblem[] = []
    // Parameters are collected before anything is changed.
    for await (const step of policyInvocations(source.candidates(attributes), attributes, options)) {
      if (step.invocation) invocations.push(step.invocation)
      else if (step.misconfigured.policy.spec?.failurePolicy !== 'Ignore') {
        const { policy, binding, problem } = step.misconfigured
        const by = { policy: policy.metadata.name, binding: binding?.metadata.name }
        misconfigured.push({ ...by, message: problem })
      }
    }
    const problems = invocations.length > 0 ? await mutate(attributes, invocations) : []
    const all = [...misconfigured, ...problems]
    if (all.length > 0) throw deniedByPolicies(attributes, all)
  }

  async function mutate(
    attributes: AdmissionAttributes,
    invocations: readonly Invocation[],
  ): Promise<PolicyProblem[]> {
    const session: Session = {
      attributes,
      authorizer: createRequestAuthorizer(authorize, attributes),
      namespace: await namespaceOf(options.reader, attributes),
      reinvocation: reinvocations.begin(attributes),
      problems: [],
      observer: options.observer,
    }
    for (const invocation of invocations) {
      for (const params of invocation.params) await takeTurn(session, invocation, params)
    }
    session.reinvocation.end()
    return session.problems
  }

  return {
    name: 'MutatingAdmissionPolicy',
    admit: (attributes) =>
      whenKnown(source, { clock, attributes }, () =>
        source.candidates(attributes).length === 0 ? undefined : evaluateAll(attributes),
      ),
  }
}

async function takeTurn(
  session: Session,
  invocation: Invocation,
  params: KubeObject | undefined,
): Promise<void> {
  const { attributes, authorizer, namespace, reinvocation, observer } = session
  const { hook, binding, equivalent } = invocation
  const policy = hook.compiled()
  const by = { policy: hook.policy.metadata.name, binding: binding.metadata.name }
  const context = { requested: attributes, authorizer, params, namespace }
  const fail = (message: string): void => {
    if (hook.policy.spec?.failurePolicy === 'Ignore') return
    session.problems.push({ ...by, message, reason: 'Invalid' })
  }
  const { conditions } = policy
  if (conditions) {
    const inputs = expressionInputs(await viewFor(attributes, equivalent), context)
    // Upstream says `validate` of these policies, too.
    const owner = { name: by.policy, kind: 'policy', type: 'validate' } as const
    const asked = { owner, operation: attributes.operation }
    const result = await authorizer.run(() =>
      observeConditions(observer, asked, () => conditions.match(inputs)),
    )
    if (result.error !== undefined) return fail(result.error)
    if (!result.matches) return
  }
  const id = [hook.policy, binding, params]
    .map((one) => `${one?.metadata.namespace}/${one?.metadata.name}`)
    .join()
  if (!reinvocation.isDue(id)) return
  let isChanged = false
  for (const mutation of policy.mutations) {
    if (!attributes.object) continue
    const view = await viewFor(attributes, equivalent)
    const inputs = expressionInputs(view, context)
    const begin = performance.now()
    const told = (errorType: PolicyErrorType): void =>
      observer?.mutated({ ...by, errorType, ms: performance.now() - begin })
    try {
      const made = await authorizer.run(() => evaluateMutation(policy, mutation, view, inputs))
      if (made !== view.object)
        isChanged = (await replaceObject(attributes, { view, equivalent }, made)) || isChanged
      told('no_error')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      told(errorTypeOf(message))
      if (error instanceof StatusError) throw error
      fail(message)
    }
  }
  if (isChanged) reinvocation.objectChanged()
  if (policy.isReinvoked) reinvocation.invoked(id)
}
