import type { Pod } from '../../api/generated/core-v1.ts'
import { groupResource, parseApiVersion } from '../../api/gvk.ts'
import { controllerOf, type OwnerReference } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import type { DisruptionOptions } from './options.ts'
import { scaledWorkloads } from './scaled-workloads.ts'

/**
 * How many pods the controllers of these pods want altogether (upstream: getExpectedScale). Pods without a controller do
 * not count. Rejects for a controller whose scale cannot be told.
 */
export async function expectedScale(options: DisruptionOptions, pods: Pod[]): Promise<number> {
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (!controller || scales.has(controller.uid)) continue
    const found = await scaleOf(options, pod.metadata.namespace ?? '', controller)
    if (!found) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
    scales.set(controller.uid, 0)
    scales.set(found.uid, found.replicas)
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0)
}

interface FoundScale {
  /** Of what is scaled: for a ReplicaSet of a Deployment that is the Deployment. */
  uid: string
  replicas: number
}

async function scaleOf(
  options: DisruptionOptions,
  namespace: string,
  reference: OwnerReference,
): Promise<FoundScale | undefined> {
  const { group } = parseApiVersion(reference.apiVersion)
  const known = scaledWorkloads.find(
    (resource) => resource.kind === reference.kind && resource.group === group,
  )
  if (!known) return scaleOfAny(options, namespace, reference)
  const owner = options.informers.informer(known).store.get(`${namespace}/${reference.name}`)
  if (owner?.metadata.uid !== reference.uid) return undefined
  const above = known.kind === 'ReplicaSet' ? controllerOf(owner) : undefined
  if (above?.kind === 'Deployment') return scaleOf(options, namespace, above)
  return { uid: reference.uid, replicas: owner.spec?.replicas ?? 1 }
}

async function scaleOfAny(
  { client, resources: served }: DisruptionOptions,
  namespace: string,
  reference: OwnerReference,
): Promise<FoundScale | undefined> {
  const { group, version } = parseApiVersion(reference.apiVersion)
  const resource = served().find((known) => known.kind === reference.kind && known.group === group)
  if (!resource) throw new Error(`no matches for kind "${reference.kind}" in version "${group}/${version}"`)
  const ref = { namespace, name: reference.name }
  try {
    const scale = await client.getScale(resource, ref)
    if (scale.metadata.uid !== reference.uid) return undefined
    return { uid: reference.uid, replicas: scale.spec?.replicas ?? 0 }
  } catch (error) {
    if (!isNotFound(error)) throw error
    // Either the object is gone or its kind has no scale; which of the two decides what to say.
    await client.get(resource, ref).catch((missing: unknown) => {
      if (!isNotFound(missing)) throw missing
    })
    throw new Error(`${groupResource(resource)} does not implement the scale subresource`, { cause: error })
  }
}
