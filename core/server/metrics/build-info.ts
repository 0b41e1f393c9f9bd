import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import { versionInfo } from '../version.ts'

/** Says which Kubernetes is served and what runs it (upstream: component-base/metrics/prometheus/version). */
export function addBuildInfo(registry: MetricRegistry): void {
  const info = registry.gauge(
    'kubernetes_build_info',
    '[BETA] What was built, when and by what, and where it runs; the value is always 1.',
  )
  const version = versionInfo()
  info.set(
    {
      build_date: version.buildDate,
      compiler: version.compiler,
      git_commit: version.gitCommit,
      git_tree_state: version.gitTreeState,
      git_version: version.gitVersion,
      go_version: version.goVersion,
      major: version.major,
      minor: version.minor,
      platform: version.platform,
    },
    1,
  )
}
