import type { Pod, PodResourceClaim } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { claimOfTemplate, podClaimAnnotation } from './claim-of-template.ts'

const byOwner = 'ownerPod'
const byTemplate = 'claimTemplate'

/**
 * Makes the ResourceClaims that pods ask for by templates and writes their names into `status.resourceClaimStatuses`
 * (upstream: pkg/controller/resourceclaim syncPod).
 */
export function createPodClaimsController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const recorder = dependencies.recorder('resource_claim')
  const pods = informers.informer(resources.pods)
  const claims = informers.informer(resources.resourceClaims)
  const templates = informers.informer(resources.resourceClaimTemplates)
  claims.addIndex(byOwner, (claim) => {
    const owner = controllerOf(claim)
    return owner?.kind === 'Pod' ? [owner.uid] : []
  })
  pods.addIndex(byTemplate, ({ metadata, spec }) =>
    (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
      name ? [`${metadata.namespace ?? ''}/${name}`] : [],
    ),
  )
  /** Names of claims that were made and that the informers may not have yet, by pod uid and entry. */
  const made = new Map<string, string>()

  function existing(pod: Pod, { name }: PodResourceClaim): string | undefined {
    const { uid = '' } = pod.metadata
    const owned = claims.store
      .byIndex(byOwner, uid)
      .find((claim) => claim.metadata.annotations?.[podClaimAnnotation] === name)
    return owned?.metadata.name ?? made.get(`${uid}_${name}`)
  }

  async function ensure(pod: Pod, entry: PodResourceClaim): Promise<string> {
    const found = existing(pod, entry)
    if (found !== undefined) return found
    const { namespace = '', uid = '' } = pod.metadata
    const { resourceClaimTemplateName: templateName = '' } = entry
    const template = templates.store.get(`${namespace}/${templateName}`)
    if (!template) {
      throw new Error(
        `resource claim template "${templateName}": resourceclaimtemplate "${templateName}" not found`,
      )
    }
    const claim = await client.create(resources.resourceClaims, claimOfTemplate(pod, entry, template))
    made.set(`${uid}_${entry.name}`, claim.metadata.name)
    return claim.metadata.name
  }

  /** Whether the pod's status names a claim that is there, or says that none is needed. */
  function isSettled({ metadata, status }: Pod, { name }: PodResourceClaim): boolean {
    const told = status?.resourceClaimStatuses?.find((one) => one.name === name)
    if (!told) return false
    const { resourceClaimName: claim } = told
    if (claim === undefined || made.get(`${metadata.uid}_${name}`) === claim) return true
    return claims.store.get(`${metadata.namespace ?? ''}/${claim}`) !== undefined
  }

  async function tellNames(pod: Pod, names: Map<string, string>): Promise<void> {
    const { namespace = '', name, uid } = pod.metadata
    const resourceClaimStatuses = [...names].map(([entry, resourceClaimName]) => ({
      name: entry,
      resourceClaimName,
    }))
    const body = { metadata: { uid }, status: { resourceClaimStatuses } }
    try {
      await client.patch(
        resources.pods,
        { namespace, name },
        { type: 'strategic', body, subresource: 'status' },
      )
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error
    }
  }

  function forget(uid: string): void {
    for (const key of made.keys()) if (key.startsWith(`${uid}_`)) made.delete(key)
  }

  return defineController(dependencies, {
    name: 'resource-claim',
    for: resources.pods,
    filter({ type, object }) {
      if (type === 'deleted') forget(object.metadata.uid ?? '')
      return type !== 'deleted' && Boolean(object.spec.resourceClaims?.length)
    },
    watches: [
      watchOf(resources.resourceClaims, ({ type, object }) => {
        if (type !== 'deleted') return []
        const owner = controllerOf(object)
        if (owner?.kind !== 'Pod') return []
        forget(owner.uid)
        return [keyOf(object, owner.name)]
      }),
      watchOf(resources.resourceClaimTemplates, ({ object: { metadata } }) =>
        pods.store
          .byIndex(byTemplate, `${metadata.namespace ?? ''}/${metadata.name}`)
          .map((pod) => keyOf(pod, pod.metadata.name)),
      ),
    ],
    async reconcile({ object: pod }) {
      if (!pod || pod.metadata.deletionTimestamp || isTerminalPhase(pod.status?.phase)) return
      const fresh = new Map<string, string>()
      for (const entry of pod.spec.resourceClaims ?? []) {
        if (!entry.resourceClaimTemplateName || isSettled(pod, entry)) continue
        try {
          fresh.set(entry.name, await ensure(pod, entry))
        } catch (error) {
          const message = `PodResourceClaim ${entry.name}: ${(error as Error).message}`
          const involved = referenceTo(resources.pods, pod)
          recorder.record(involved, { type: 'Warning', reason: 'FailedResourceClaimCreation', message })
          throw error
        }
      }
      if (fresh.size > 0) await tellNames(pod, fresh)
    },
  })
}

function keyOf({ metadata }: Pod | ResourceClaim, podName: string): string {
  return `${metadata.namespace ?? ''}/${podName}`
}
