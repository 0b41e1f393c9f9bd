import type { Pod } from '../api/generated/core-v1.ts'
import { isSameAmounts } from '../api/quota/amounts.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { findObject } from '../client/find-object.ts'
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
      const node = await findObject(reader, resources.nodes, { name: nodeName })
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
  const isSame = (['requests', 'limits'] as const).every((list) =>
    isSameAmounts(spec.resources?.[list] ?? {}, before.resources?.[list] ?? {}),
  )
  return isSame ? [] : ['InPlacePodLevelResourcesVerticalScaling']
}
