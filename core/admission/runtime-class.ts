import type { Pod, PodSpec } from '../api/generated/core-v1.ts'
import type { RuntimeClass, Scheduling } from '../api/generated/node-v1.ts'
import { compareQuantity } from '../api/quantity.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { admissionForbidden, isPodCreation } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

/**
 * A pod that names a RuntimeClass costs what that runtime costs beside the containers, and runs where it is there
 * (upstream: plugin/pkg/admission/runtimeclass). 403 for a class that does not exist or says otherwise than the pod.
 */
export function createRuntimeClassAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    async admit(attributes) {
      if (!isPodCreation(attributes) || !attributes.object) return
      const { spec } = attributes.object as Pod
      const found = await findClass(attributes, spec.runtimeClassName, reader)
      applyOverhead(attributes, spec, found)
      if (found?.scheduling) applyScheduling(attributes, spec, found.scheduling)
    },
  }
}

async function findClass(
  attributes: AdmissionAttributes,
  name: string | undefined,
  reader: AdmissionReader,
): Promise<RuntimeClass | undefined> {
  if (!name) return undefined
  try {
    return await reader.get(resources.runtimeClasses, { name })
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw admissionForbidden(attributes, `pod rejected: RuntimeClass "${name}" not found`)
  }
}

function applyOverhead(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  found: RuntimeClass | undefined,
): void {
  const defined = found?.overhead?.podFixed
  const given = Object.keys(spec.overhead ?? {}).length > 0 ? spec.overhead : undefined
  if (!defined) {
    if (!given) return
    const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
    throw admissionForbidden(attributes, why)
  }
  if (given && !isSame(given, defined)) {
    const why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
    throw admissionForbidden(attributes, why)
  }
  spec.overhead = { ...defined }
}

function isSame(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => {
    const [left, right] = [a[name], b[name]]
    return left !== undefined && right !== undefined && compareQuantity(left, right) === 0
  })
}

function applyScheduling(attributes: AdmissionAttributes, spec: PodSpec, scheduling: Scheduling): void {
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own !== undefined && own !== value) {
      const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`
      throw admissionForbidden(attributes, why)
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
  }
  const known = new Set((spec.tolerations ?? []).map((toleration) => JSON.stringify(toleration)))
  const added = (scheduling.tolerations ?? []).filter((toleration) => !known.has(JSON.stringify(toleration)))
  if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added.map((one) => ({ ...one }))]
}
