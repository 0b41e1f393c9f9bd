import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../api/generated/batch-v1.ts'
import type { ContainerStatus, Pod } from '../../api/generated/core-v1.ts'

/** What a Job's failure policy says of a failed pod. */
export interface FailureVerdict {
  action: 'Ignore' | 'FailIndex' | 'FailJob' | 'Count' | undefined
  /** Whether it counts towards the limits. */
  counts: boolean
  /** For FailJob: why the Job fails. */
  message?: string
}

/** The first rule that matches decides; without one the failure counts (upstream: matchPodFailurePolicy). */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod)
    if (cause === undefined) continue
    if (rule.action === 'Ignore') return { action: 'Ignore', counts: false }
    if (rule.action === 'FailIndex') return { action: 'FailIndex', counts: true }
    if (rule.action === 'Count') return { action: 'Count', counts: true }
    if (rule.action !== 'FailJob') continue
    return { action: 'FailJob', counts: true, message: `${cause} matching FailJob rule at index ${index}` }
  }
  return { action: undefined, counts: true }
}

/** What of the pod the rule matches; undefined when it does not. */
function causeOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace = '', name } = pod.metadata
  if (onExitCodes) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
    const container = [...containerStatuses, ...initContainerStatuses].find((one) =>
      matches(onExitCodes, one),
    )
    if (!container) return undefined
    const code = container.state?.terminated?.exitCode ?? 0
    return `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${code}`
  }
  const condition = pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  )
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`
}

function matches(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { name, state }: ContainerStatus,
): boolean {
  const code = state?.terminated?.exitCode ?? 0
  if (code === 0 || (containerName !== undefined && containerName !== name)) return false
  return values.includes(code) === (operator === 'In')
}
