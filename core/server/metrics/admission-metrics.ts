import type { AdmissionAttributes } from '../../api/request.ts'
import type { ConditionObserver } from '../../admission/expressions/condition-observer.ts'
import type { PolicyCheck, PolicyObserver } from '../../admission/policy/policy-observer.ts'
import type { WebhookObserver } from '../../admission/webhook/webhook-observer.ts'
import type { AdmissionObserver } from '../../registry/verbs/run-admission.ts'
import type {
  BoundHistogram,
  Histogram,
  MetricLabels,
  MetricRegistry,
} from '../../util/metrics/metric-registry.ts'

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5]
const together = {}
const checkBuckets = [0.000_000_5, 0.001, 0.01, 0.1, 1]
/** Webhooks may answer any code: more than this are one. */
const highestCode = 600

/**
 * Metrics of admission by upstream's names (pkg/admission/metrics, plugin/policy/{validating,mutating}/metrics). Every write
 * passes here some thirty times: its series are found once.
 */
export function createAdmissionMetrics(
  registry: MetricRegistry,
): AdmissionObserver & WebhookObserver & PolicyObserver {
  const plugins = createSeries(
    registry.histogram(
      'apiserver_admission_controller_admission_duration_seconds',
      '[STABLE] Seconds that a built-in plugin took, by its name, the operation and whether it mutates (admit) or validates.',
      buckets,
    ),
  )
  const steps = createSeries(
    registry.histogram(
      'apiserver_admission_step_admission_duration_seconds',
      '[STABLE] Seconds of all mutation (admit) or all validation of a request.',
      buckets,
    ),
  )
  return {
    plugin: (plugin, type, { operation }, { ms, rejected }) =>
      plugins(plugin, { operation, rejected, type }).observe(ms / 1000),
    step: (type, { operation }, { ms, rejected }) =>
      steps(together, { operation, rejected, type }).observe(ms / 1000),
    ...createWebhookMetrics(registry),
    ...createPolicyMetrics(registry),
    ...createConditionMetrics(registry),
  }
}

type Operation = AdmissionAttributes['operation']
type StepLabels = { operation: Operation; rejected: boolean; type: 'admit' | 'validate' }
type ByOperation = Partial<Record<Operation, BoundHistogram>>

/** Finds the series of a plugin, or of all together; they live as long as the server. */
function createSeries(
  histogram: Histogram,
): (owner: { name?: string }, labels: StepLabels) => BoundHistogram {
  const known = new Map<object, Record<StepLabels['type'], { passed: ByOperation; refused: ByOperation }>>()
  return (owner, { operation, rejected, type }) => {
    let series = known.get(owner)
    if (!series) {
      series = { admit: { passed: {}, refused: {} }, validate: { passed: {}, refused: {} } }
      known.set(owner, series)
    }
    const byOperation = rejected ? series[type].refused : series[type].passed
    return (byOperation[operation] ??= histogram.bind({
      ...(owner.name !== undefined && { name: owner.name }),
      operation,
      rejected: String(rejected),
      type,
    }))
  }
}

function createConditionMetrics(registry: MetricRegistry): ConditionObserver {
  const exclusions = registry.counter(
    'apiserver_admission_match_condition_exclusions_total',
    '[ALPHA] Requests that a webhook or policy was spared by its matchConditions.',
  )
  const failures = registry.counter(
    'apiserver_admission_match_condition_evaluation_errors_total',
    '[ALPHA] Evaluations of matchConditions that failed.',
  )
  const durations = registry.histogram(
    'apiserver_admission_match_condition_evaluation_seconds',
    '[ALPHA] Seconds to evaluate the matchConditions of a webhook or policy.',
    [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
  )
  return {
    unmet({ name, kind, type, operation }, { ms, errors, isExcluded }) {
      const labels = { kind, name, operation, type }
      durations.observe(labels, ms / 1000)
      if (errors > 0) failures.add(labels, errors)
      if (isExcluded) exclusions.add(labels)
    },
  }
}

function createWebhookMetrics(registry: MetricRegistry): Omit<WebhookObserver, keyof ConditionObserver> {
  const durations = registry.histogram(
    'apiserver_admission_webhook_admission_duration_seconds',
    '[STABLE] Seconds that a webhook took, by its name, the operation and whether it mutates (admit) or validates.',
    [...buckets, 10, 25],
  )
  const requests = registry.counter(
    'apiserver_admission_webhook_request_total',
    '[ALPHA] Calls of a webhook, by what they led to; codes above 600 count as 600.',
  )
  const rejections = registry.counter(
    'apiserver_admission_webhook_rejection_count',
    '[ALPHA] Requests that a webhook refused or that failed with it, by the sort of error; codes above 600 count as 600.',
  )
  const failOpen = registry.counter(
    'apiserver_admission_webhook_fail_open_count',
    '[ALPHA] Failed calls of a webhook that were let pass, for so its failurePolicy says.',
  )
  return {
    called({ name, type, operation, ms, rejected, code, errorType }) {
      const shown = String(Math.min(code, highestCode))
      requests.add({ code: shown, name, operation, rejected: String(rejected), type })
      durations.observe({ name, operation, rejected: String(rejected), type }, ms / 1000)
      if (rejected) {
        rejections.add({ error_type: errorType, name, operation, rejection_code: shown, type })
      }
    },
    failedOpen: (name, type) => failOpen.add({ name, type }),
  }
}

function createPolicyMetrics(registry: MetricRegistry): Omit<PolicyObserver, keyof ConditionObserver> {
  const metrics = (subsystem: string, what: string, stability: string) => {
    const checks = registry.counter(
      `apiserver_${subsystem}_check_total`,
      `[${stability}] ${what} by a policy and its binding.`,
    )
    const durations = registry.histogram(
      `apiserver_${subsystem}_check_duration_seconds`,
      `[${stability}] Seconds of one expression: ${what.toLowerCase()} by a policy and its binding.`,
      checkBuckets,
    )
    return ({ policy, binding, errorType, ms }: PolicyCheck, action?: MetricLabels): void => {
      const series = { ...action, error_type: errorType, policy, policy_binding: binding }
      checks.add(series)
      durations.observe(series, ms / 1000)
    }
  }
  const validation = metrics('validating_admission_policy', 'Validation', 'BETA')
  const mutation = metrics('mutating_admission_policy', 'Mutation', 'ALPHA')
  return {
    validated: (check, action) => validation(check, { enforcement_action: action }),
    mutated: (check) => mutation(check),
  }
}
