import type { Node, Pod, ResourceRequirements } from '../api/generated/core-v1.ts'
import { compareQuantity } from '../api/quantity.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { admissionForbidden } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

/** A pod changes only as its node has declared to be able to (upstream: plugin/pkg/admission/nodedeclaredfeatures). */
export function createNodeDeclaredFeatures(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    async validate(attributes) {
      const { operation, resource, subresource, object, oldObject } = attributes
      if (operation !== 'UPDATE' || resource.group !== '' || resource.resource !== 'pods') return
      if ((subresource && subresource !== 'resize') || !object || !oldObject) return
      const [pod, old] = [object as Pod, oldObject as Pod]
      const { nodeName } = pod.spec
      const required = requiredFeatures(pod, old)
      if (!nodeName || required.length === 0) return
      const node = await nodeOf(reader, nodeName)
      if (!node) throw admissionForbidden(attributes, `node "${nodeName}" not found`)
      const missing = required.filter((feature) => !node.status?.declaredFeatures?.includes(feature))
      if (missing.length === 0) return
      throw admissionForbidden(
        attributes,
        `pod update requires features ${missing.join(', ')} which are not available on node "${nodeName}"`,
      )
    },
  }
}

/** What the change takes that not every node of this version has (upstream: component-helpers/nodedeclaredfeatures). */
function requiredFeatures({ spec }: Pod, { spec: before }: Pod): string[] {
  return isSame(spec.resources, before.resources) ? [] : ['InPlacePodLevelResourcesVerticalScaling']
}

function isSame(a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return (['requests', 'limits'] as const).every((list) => {
    const [left, right] = [a[list] ?? {}, b[list] ?? {}]
    const names = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...names].every((name) => {
      const [one, other] = [left[name], right[name]]
      return one !== undefined && other !== undefined && compareQuantity(one, other) === 0
    })
  })
}

async function nodeOf(reader: AdmissionReader, name: string): Promise<Node | undefined> {
  try {
    return await reader.get(resources.nodes, { name })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
