import type { Pod } from '../api/generated/core-v1.ts'
import type { PriorityClass } from '../api/generated/scheduling-v1.ts'
import { systemPriorityClasses } from '../api/priority-classes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { admissionForbidden, isPodCreation, isPodUpdate } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

const usualPolicy = 'PreemptLowerPriority'

/**
 * Turns a pod's priorityClassName into its priority: without a class that of the global default, or else 0; 403 for a
 * class that does not exist and for a number that the class does not give. At most one class is the global default
 * (upstream: plugin/pkg/admission/priority).
 */
export function createPriorityAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'Priority',
    async admit(attributes) {
      if (isPodUpdate(attributes)) return keepPriority(attributes)
      if (!isPodCreation(attributes) || !attributes.object) return
      const { spec } = attributes.object as Pod
      const found = await resolveClass(attributes, spec.priorityClassName, reader)
      if (!spec.priorityClassName && found.name) spec.priorityClassName = found.name
      if (spec.priority !== undefined && spec.priority !== found.value) {
        throw admissionForbidden(
          attributes,
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`,
        )
      }
      spec.priority = found.value
      spec.preemptionPolicy ??= found.preemptionPolicy
      if (spec.preemptionPolicy === found.preemptionPolicy) return
      throw admissionForbidden(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${found.preemptionPolicy} from the given PriorityClass name`,
      )
    },
    async validate(attributes) {
      const { operation, resource, subresource, object } = attributes
      if (resource.group !== 'scheduling.k8s.io' || resource.resource !== 'priorityclasses' || subresource)
        return
      if ((operation !== 'CREATE' && operation !== 'UPDATE') || !(object as PriorityClass).globalDefault)
        return
      const other = await globalDefault(reader)
      if (!other || other.metadata.name === object?.metadata.name) return
      const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
      throw admissionForbidden(attributes, why)
    },
  }
}

/** An update that leaves out what was set at creation does not mean to change it. */
function keepPriority({ object, oldObject }: AdmissionAttributes): void {
  if (!object || !oldObject) return
  const { spec } = object as Pod
  const { priority, preemptionPolicy } = (oldObject as Pod).spec
  if (priority !== undefined) spec.priority ??= priority
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy
}

interface Priority {
  /** Name of the class; '' where none counts. */
  name: string
  value: number
  preemptionPolicy: string
}

function priorityOf({ metadata, value, preemptionPolicy }: PriorityClass): Priority {
  return { name: metadata.name, value: value ?? 0, preemptionPolicy: preemptionPolicy ?? usualPolicy }
}

async function resolveClass(
  attributes: AdmissionAttributes,
  name: string | undefined,
  reader: AdmissionReader,
): Promise<Priority> {
  if (!name) {
    const usual = await globalDefault(reader)
    return usual ? priorityOf(usual) : { name: '', value: 0, preemptionPolicy: usualPolicy }
  }
  const system = systemPriorityClasses.find((one) => one.name === name)
  if (system) return { name, value: system.value, preemptionPolicy: usualPolicy }
  try {
    return priorityOf(await reader.get(resources.priorityClasses, { name }))
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw admissionForbidden(attributes, `no PriorityClass with name ${name} was found`)
  }
}

/** The class for pods that name none. Should there be several, the one with the lowest value counts. */
async function globalDefault(reader: AdmissionReader): Promise<PriorityClass | undefined> {
  const { items } = await reader.list(resources.priorityClasses)
  return items.filter((one) => one.globalDefault).sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
}
