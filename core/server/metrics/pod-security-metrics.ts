import type { PodSecurityObserver } from '../../admission/pod-security/pod-security-observer.ts'
import type { LevelVersion } from '../../admission/pod-security/policy.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import type { MetricLabels, MetricRegistry } from '../../util/metrics/metric-registry.ts'
import { versionInfo } from '../version.ts'

/** Metrics of Pod Security by upstream's names (pod-security-admission/metrics). */
export function createPodSecurityMetrics(metrics: MetricRegistry): PodSecurityObserver {
  const evaluations = metrics.counter(
    'pod_security_evaluations_total',
    '[ALPHA] Pods and templates held to a standard, by what came of it; without exempt ones.',
  )
  const exemptions = metrics.counter(
    'pod_security_exemptions_total',
    '[ALPHA] Requests that are exempt from standards of Pod Security.',
  )
  const errors = metrics.counter(
    'pod_security_errors_total',
    '[ALPHA] Failures to judge by the standards; those that are not fatal were judged by the strictest.',
  )
  for (const request_operation of ['create', 'update']) {
    for (const resource of ['pod', 'controller']) {
      exemptions.add({ request_operation, resource, subresource: '' }, 0)
    }
    const privileged = { decision: 'allow', mode: 'enforce', policy_level: 'privileged' }
    const rest = { policy_version: 'latest', request_operation, resource: 'pod', subresource: '' }
    evaluations.add({ ...privileged, ...rest }, 0)
  }
  return {
    evaluated(attributes, { mode, level, isAllowed }) {
      const decision = isAllowed ? 'allow' : 'deny'
      const policy = { policy_level: level.level, policy_version: versionOf(level) }
      evaluations.add({ decision, mode, ...policy, ...requestOf(attributes) })
    },
    exempted: (attributes) => exemptions.add(requestOf(attributes)),
    failed: (attributes, isFatal) => errors.add({ fatal: String(isFatal), ...requestOf(attributes) }),
  }
}

function versionOf({ level, version }: LevelVersion): string {
  // No rule is the same in all versions.
  if (level === 'privileged' || version === 'latest') return 'latest'
  return version <= Number(versionInfo().minor) ? `v1.${version}` : 'future'
}

function requestOf({ operation, resource, subresource = '' }: AdmissionAttributes): MetricLabels {
  const kinds: Record<string, string> = { pods: 'pod', namespaces: 'namespace' }
  const kind = resource.group === '' ? kinds[resource.resource] : undefined
  return { request_operation: operation.toLowerCase(), resource: kind ?? 'controller', subresource }
}
