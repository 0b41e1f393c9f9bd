import type { Service } from '../../../api/generated/core-v1.ts'

/** What a Service is accepted with but should not have (upstream: pkg/api/service/warnings.go). */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const isHeadless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
  const isName = spec.type === 'ExternalName'
  const hasExternalIps = !!spec.externalIPs?.length
  const warnings: [boolean, string][] = [
    [
      metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined,
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
    [isHeadless && !!spec.loadBalancerIP, 'spec.loadBalancerIP is ignored for headless services'],
    [isHeadless && hasExternalIps, 'spec.externalIPs is ignored for headless services'],
    [isHeadless && spec.sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'],
    [
      hasExternalIps && !isHeadless && !isName,
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ],
    [hasExternalIps && isName, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [!isName && !!spec.externalName, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
    [
      spec.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ]
  return warnings.filter(([applies]) => applies).map(([, text]) => text)
}
