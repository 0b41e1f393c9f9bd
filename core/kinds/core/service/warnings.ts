import type { Service } from '../../../api/generated/core-v1.ts'
import { warnOfCidr, warnOfIp } from '../../validation/address-warnings.ts'

/** What a Service is accepted with but should not have (upstream: pkg/api/service/warnings.go). */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const isHeadless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
  const isName = spec.type === 'ExternalName'
  const hasExternalIps = !!spec.externalIPs?.length
  const hasIp = !!spec.clusterIP && spec.clusterIP !== 'None'
  const warnings: [boolean, ...string[]][] = [
    [
      metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined,
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
    [hasIp, ...warnOfIps(spec.clusterIPs, 'spec.clusterIPs')],
    [isHeadless && !!spec.loadBalancerIP, 'spec.loadBalancerIP is ignored for headless services'],
    [isHeadless && hasExternalIps, 'spec.externalIPs is ignored for headless services'],
    [isHeadless && spec.sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'],
    [true, ...warnOfIps(spec.externalIPs, 'spec.externalIPs')],
    [
      hasExternalIps && !isHeadless && !isName,
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ],
    [!!spec.loadBalancerIP, ...warnOfIp(spec.loadBalancerIP ?? '', 'spec.loadBalancerIP')],
    [
      true,
      ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, at) =>
        warnOfCidr(range, `spec.loadBalancerSourceRanges[${at}]`),
      ),
    ],
    [hasExternalIps && isName, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [!isName && !!spec.externalName, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
    [
      spec.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ]
  return warnings.flatMap(([applies, ...texts]) => (applies ? texts : []))
}

function warnOfIps(ips: readonly string[] = [], path: string): string[] {
  return ips.flatMap((ip, at) => warnOfIp(ip, `${path}[${at}]`))
}
