import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/generated/admissionregistration-v1.ts'
import type { Namespace } from '../../../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../../api/request.ts'
import { internalError } from '../../../api/status.ts'
import type { Clock } from '../../../util/clock.ts'
import { namespaceOf } from '../../dynamic/namespaces.ts'
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
import { errorTypeOf, type PolicyObserver } from '../policy-observer.ts'
import type { PolicySource } from '../policy-source.ts'
import { createAuditAnnotations, type AuditAnnotations } from './audit-annotations.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import { evaluatePolicy, type Denial } from './evaluate-policy.ts'
import { deniedByPolicy, type PolicyDenial } from './policy-denial.ts'

type Invocation = PolicyInvocation<
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  CompiledPolicy
>

/** What policies are evaluated with. */
export interface ValidatingPolicyOptions extends ParamSource {
  source: PolicySource<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledPolicy>
  authorize: ExpressionAuthorizer
  observer?: PolicyObserver | undefined
  clock: Clock
}

/** One request as its policies see it. */
interface Session {
  attributes: AdmissionAttributes
  authorizer: RequestAuthorizer
  namespace: () => Promise<Namespace | undefined>
  denials: PolicyDenial[]
  observer: PolicyObserver | undefined
}

const failureKey = 'validation.policy.admission.k8s.io/validation_failure'

/**
 * Evaluates the validating policies that a write concerns; the first that denies decides (upstream:
 * plugin/policy/validating). A write that none concerns is let through without a promise.
 */
export function createValidatingPolicies(options: ValidatingPolicyOptions): AdmissionPlugin {
  const { source, authorize, clock } = options

  async function evaluateAll(attributes: AdmissionAttributes): Promise<void> {
    let namespace: Promise<Namespace | undefined> | undefined
    const session: Session = {
      attributes,
      authorizer: createRequestAuthorizer(authorize, attributes),
      namespace: () => (namespace ??= namespaceOf(options.reader, attributes)),
      denials: [],
      observer: options.observer,
    }
    const annotations = new Map<string, AuditAnnotations>()
    for await (const step of policyInvocations(source.candidates(attributes), attributes, options)) {
      if (step.misconfigured) {
        const { policy, binding, problem } = step.misconfigured
        if (policy.spec?.failurePolicy === 'Ignore') continue
        const by = { policy: policy.metadata.name, binding: binding?.metadata.name }
        session.denials.push({ ...by, message: problem })
        continue
      }
      const { name } = step.invocation.hook.policy.metadata
      const notes = annotations.get(name) ?? createAuditAnnotations()
      annotations.set(name, notes)
      await evaluate(session, step.invocation, notes)
    }
    for (const [policy, notes] of annotations) notes.publish(policy, attributes.context)
    if (session.denials.length > 0) throw deniedByPolicy(attributes, session.denials[0]!)
  }

  return {
    name: 'ValidatingAdmissionPolicy',
    validate: (attributes) =>
      whenKnown(source, { clock, attributes }, () =>
        source.candidates(attributes).length === 0 ? undefined : evaluateAll(attributes),
      ),
  }
}

async function evaluate(
  session: Session,
  { hook, binding, params, equivalent }: Invocation,
  notes: AuditAnnotations,
): Promise<void> {
  const { attributes, authorizer, observer } = session
  const policy = hook.policy.metadata.name
  const by = { policy, binding: binding.metadata.name }
  const owner = { name: policy, kind: 'policy', type: 'validate' } as const
  const asked = { owner, operation: attributes.operation }
  const view = await viewFor(attributes, equivalent)
  const namespace = await session.namespace()
  for (const one of params) {
    const inputs = expressionInputs(view, { requested: attributes, authorizer, params: one, namespace })
    const verdict = await authorizer.run(() =>
      evaluatePolicy(hook.compiled(), inputs, (evaluate) => observeConditions(observer, asked, evaluate)),
    )
    for (const denial of verdict.denials) act(session, { policy, binding }, denial)
    for (const [key, value] of verdict.annotations) notes.add(key, value)
    for (const failure of verdict.ignored) observer?.validated({ ...by, ...failure }, 'allow')
    for (const { message, ms } of verdict.annotationErrors) {
      session.denials.push({ ...by, message })
      observer?.validated({ ...by, ms, errorType: errorTypeOf(message) }, 'deny')
    }
  }
}

/** Does with a denial what its binding says. */
function act(
  { attributes: { context }, denials, observer }: Session,
  { policy, binding }: { policy: string; binding: ValidatingAdmissionPolicyBinding },
  { message, reason, index, errorType, ms }: Denial,
): void {
  const { name } = binding.metadata
  const { validationActions = [] } = binding.spec ?? {}
  const check = { policy, binding: name, errorType, ms }
  for (const action of validationActions) {
    switch (action) {
      case 'Deny':
        denials.push({ policy, binding: name, message, reason })
        observer?.validated(check, 'deny')
        break
      case 'Warn':
        context.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`,
        )
        observer?.validated(check, 'warn')
        break
      case 'Audit': {
        const failure = { message, policy, binding: name, expressionIndex: index, validationActions }
        context.audit?.(failureKey, JSON.stringify([failure]))
        observer?.validated(check, 'audit')
        break
      }
      default:
        throw internalError(`unrecognized validation action '${action}'`)
    }
  }
}
