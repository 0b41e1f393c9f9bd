import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { templateWarnings } from '../core/pod/warnings.ts'

type Workload = KubeObject & { spec: { template?: PodTemplateSpec } }

/**
 * What a workload is accepted with but should not have: a name that makes no host name, and what its pods should not have
 * (upstream: the strategies' WarningsOnCreate and WarningsOnUpdate). A change that leaves the spec alone warns of nothing.
 */
export function workloadWarnings({ metadata, spec }: Workload, old: Workload | undefined): string[] {
  if (old && metadata.generation === old.metadata.generation) return []
  const problems = old ? [] : checkDns1123Label(metadata.name)
  const about =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  return [
    ...(problems.length > 0 ? [`${about}: [${problems.join(' ')}]`] : []),
    ...templateWarnings(spec.template, 'spec.template'),
  ]
}
