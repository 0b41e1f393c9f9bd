import type { LimitRange, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { admissionForbidden } from '../admission-forbidden.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import { applyContainerDefaults } from './container-defaults.ts'
import { claimProblems, podProblems } from './limits.ts'

/**
 * Keeps pods and claims within the LimitRanges of their namespace, and gives containers the resources that these name
 * as usual (upstream: plugin/pkg/admission/limitranger). 403 with every bound that is broken.
 */
export function createLimitRanger(reader: AdmissionReader): AdmissionPlugin {
  const rangesFor = async (attributes: AdmissionAttributes): Promise<LimitRange[]> => {
    const { namespace } = attributes
    if (!concerns(attributes) || !namespace) return []
    return (await reader.list(resources.limitRanges, { namespace })).items
  }
  return {
    name: 'LimitRanger',
    async admit(attributes) {
      if (attributes.resource.resource !== 'pods') return
      for (const range of await rangesFor(attributes)) applyContainerDefaults(attributes.object as Pod, range)
    },
    async validate(attributes) {
      const isPod = attributes.resource.resource === 'pods'
      for (const { spec } of await rangesFor(attributes)) {
        const found = isPod
          ? podProblems((attributes.object as Pod).spec, spec.limits ?? [])
          : claimProblems((attributes.object as PersistentVolumeClaim).spec, spec.limits ?? [])
        if (found.length === 0) continue
        // Go's aggregated errors say the same once.
        const problems = [...new Set(found)]
        const why = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`
        throw admissionForbidden(attributes, why)
      }
    },
  }
}

/** New pods and their resizes, and claims, which may grow. What CONNECT brings, such as PodExecOptions, has no metadata. */
function concerns({ operation, resource, subresource, object }: AdmissionAttributes): boolean {
  if (operation === 'CONNECT' || resource.group !== '' || !object) return false
  if (object.metadata.deletionTimestamp) return false
  if (resource.resource === 'pods') return subresource ? subresource === 'resize' : operation === 'CREATE'
  if (subresource) return false
  return resource.resource === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE')
}
