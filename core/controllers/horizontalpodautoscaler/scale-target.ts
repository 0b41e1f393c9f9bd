import type { CrossVersionObjectReference } from '../../api/generated/autoscaling-v2.ts'
import { parseApiVersion, type Resource } from '../../api/gvk.ts'
import type { Client, ObjectName, Scale } from '../../client/client.ts'

/** What an autoscaler scales. */
export interface ScaleTarget {
  scale: Scale
  /** Writes the new count. */
  rescale(replicas: number): Promise<void>
}

/**
 * Finds the scale of a target of any kind that has one, custom ones included (upstream: scaleForResourceMappings). Rejects
 * when the kind is not served or the object is not there.
 */
export async function findScale(
  options: { client: Client; resources: () => Resource[] },
  namespace: string,
  target: CrossVersionObjectReference,
): Promise<ScaleTarget> {
  const { client } = options
  const { group } = parseApiVersion(target.apiVersion ?? '')
  const resource = options.resources().find((known) => known.group === group && known.kind === target.kind)
  if (!resource) throw new Error(`no matches for kind "${target.kind}" in group "${group}"`)
  const ref: ObjectName = { namespace, name: target.name }
  return {
    scale: await client.getScale(resource, ref),
    async rescale(replicas) {
      await client.updateScale(resource, ref, replicas)
    },
  }
}
