import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import { versionInfo } from '../version.ts'

/** Says which Kubernetes is served and what runs it (upstream: component-base/metrics/prometheus/version). */
export function addBuildInfo(registry: MetricRegistry): void {
  const info = registry.gauge(
    'kubernetes_build_info',
    '[BETA] What was built, when and by what, and where it runs; the value is always 1.',
  )
  const version = versionInfo()
  registry
    .gauge(
      'version_info',
      '[ALPHA] Which versions of Kubernetes are served and emulated; the value is always 1.',
    )
    .set(
      {
        binary: version.gitVersion.slice(1),
        component: 'kube',
        emulation: `${version.emulationMajor}.${version.emulationMinor}`,
        min_compat: `${version.minCompatibilityMajor}.${version.minCompatibilityMinor}`,
      },
      1,
    )
  const registered = registry.gauge(
    'registered_metrics_total',
    '[BETA] Metrics that there are, by stability.',
  )
  registry.beforePrint(() => {
    const all = Map.groupBy(registry.stabilities(), (stability) => stability)
    for (const [stability_level, { length }] of all) {
      if (stability_level !== '') registered.set({ deprecated_version: '', stability_level }, length)
    }
  })
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
