import type { Binding, Pod } from '../api/generated/core-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { findObject } from '../client/find-object.ts'
import type { AdmissionReader } from './admission-reader.ts'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/**
 * A pod gets the zone and region of its node as labels: from the binding, or when it is created with a node (upstream:
 * plugin/pkg/admission/podtopologylabels).
 */
export function createPodTopologyLabels(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    async admit({ operation, resource, subresource, object }) {
      if (operation !== 'CREATE' || resource.group !== '' || resource.resource !== 'pods' || !object) return
      const name = subresource ? boundTo(subresource, object as Binding) : (object as Pod).spec.nodeName
      if (!name) return
      const node = await findObject(reader, resources.nodes, { name })
      const labels = Object.entries(node?.metadata.labels ?? {}).filter(([key]) => copied.includes(key))
      if (labels.length === 0) return
      const { metadata } = object
      metadata.labels = { ...metadata.labels, ...Object.fromEntries(labels) }
    },
  }
}

function boundTo(subresource: string, { target }: Binding): string | undefined {
  return subresource === 'binding' && target.kind === 'Node' ? target.name : undefined
}
