import type { AdmissionAttributes } from '../../api/request.ts'
import type { ConditionMatcher, ConditionResult } from './match-conditions.ts'

/** Whose conditions were evaluated (upstream: matchconditions.NewMatcher). */
export interface ConditionOwner {
  name: string
  kind: 'webhook' | 'policy'
  type: 'admit' | 'validating' | 'validate'
}

/** Is told of conditions that did not all hold, for metrics (upstream: pkg/admission/metrics ObserveMatchCondition…). */
export interface ConditionObserver {
  /** `errors`: how many could not be evaluated. `isExcluded`: a webhook is not called for it. */
  unmet(
    owner: ConditionOwner & Pick<AdmissionAttributes, 'operation'>,
    told: { ms: number; errors: number; isExcluded: boolean },
  ): void
}

/** Evaluates conditions, and tells the observer where they do not all hold: upstream measures nothing else. */
export function observeConditions(
  observer: ConditionObserver | undefined,
  asked: {
    owner: ConditionOwner & { ignoresFailures?: boolean }
    operation: AdmissionAttributes['operation']
  },
  evaluate: () => ReturnType<ConditionMatcher['match']>,
): ConditionResult {
  const begin = performance.now()
  const result = evaluate()
  if (observer && !result.matches) {
    const { ignoresFailures = false, ...owner } = asked.owner
    const isExcluded = owner.kind === 'webhook' && (result.error === undefined || ignoresFailures)
    const ms = performance.now() - begin
    observer.unmet({ ...owner, operation: asked.operation }, { ms, errors: result.errors, isExcluded })
  }
  return result
}
