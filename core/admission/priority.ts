import type { Pod } from '../api/generated/core-v1.ts'
import type { PriorityClass } from '../api/generated/scheduling-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../api/request.ts'
import { isNotFound } from '../api/status.ts'
import { admissionForbidden, isPodCreation } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

const priorityClasses: Resource<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
}
/** The system's own classes, known without being stored. */
const systemClasses: Record<string, number> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

/**
 * Turns a pod's priorityClassName into its priority: 0 without a class, 403 for one that does not exist or for a
 * number that the class does not give (upstream: plugin/pkg/admission/priority).
 */
export function createPriorityAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'Priority',
    async admit(attributes) {
      if (!isPodCreation(attributes) || !attributes.object) return
      const { spec } = attributes.object as Pod
      const { value, preemptionPolicy } = await resolveClass(attributes, spec.priorityClassName, reader)
      if (spec.priority !== undefined && spec.priority !== value) {
        throw admissionForbidden(
          attributes,
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
        )
      }
      spec.priority = value
      spec.preemptionPolicy ??= preemptionPolicy
    },
  }
}

async function resolveClass(
  attributes: AdmissionAttributes,
  name: string | undefined,
  reader: AdmissionReader,
): Promise<{ value: number; preemptionPolicy: string }> {
  const usual = 'PreemptLowerPriority'
  if (!name) return { value: 0, preemptionPolicy: usual }
  const system = systemClasses[name]
  if (system !== undefined) return { value: system, preemptionPolicy: usual }
  try {
    const found = await reader.get(priorityClasses, { name })
    return { value: found.value ?? 0, preemptionPolicy: found.preemptionPolicy ?? usual }
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw admissionForbidden(attributes, `no PriorityClass with name ${name} was found`)
  }
}
