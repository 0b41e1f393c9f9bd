import type { PersistentVolumeClaim, Pod, Volume } from '../../api/generated/core-v1.ts'
import { foreignClaimProblem, podClaims } from '../../api/pod-claims.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import { resources } from '../../api/resources.ts'
import { controllerReference, referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

/** Makes the claims of pods' generic ephemeral volumes, owned by the pod (upstream: pkg/controller/volume/ephemeral). */
export function createEphemeralVolumeController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const recorder = dependencies.recorder('ephemeral_volume')
  const claims = informers.informer(resources.persistentVolumeClaims)

  async function ensure(pod: Pod, volume: Volume, name: string): Promise<void> {
    const { namespace = '' } = pod.metadata
    const existing = claims.store.get(`${namespace}/${name}`)
    const problem = existing && foreignClaimProblem(pod, existing)
    if (problem !== undefined) throw new Error(problem)
    if (existing) return
    await client.create(resources.persistentVolumeClaims, claimOf(pod, volume, name))
  }

  return defineController(dependencies, {
    name: 'ephemeral-volume',
    for: resources.pods,
    watches: [
      watchOf(resources.persistentVolumeClaims, ({ type, object }) => {
        const owner = object.metadata.ownerReferences?.find(
          ({ kind, controller }) => controller && kind === 'Pod',
        )
        return type === 'deleted' && owner ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : []
      }),
    ],
    filter: ({ type, object }) =>
      type === 'added' && (object.spec.volumes ?? []).some(({ ephemeral }) => ephemeral),
    async reconcile({ object: pod }) {
      if (!pod || pod.metadata.deletionTimestamp || isTerminalPhase(pod.status?.phase)) return
      for (const { volume: volumeName, claim, isEphemeral } of podClaims(pod)) {
        const volume = pod.spec.volumes?.find(({ name }) => name === volumeName)
        if (!isEphemeral || !volume) continue
        try {
          await ensure(pod, volume, claim)
        } catch (error) {
          const message = `ephemeral volume ${volumeName}: ${(error as Error).message}`
          const involved = referenceTo(resources.pods, pod)
          recorder.record(involved, { type: 'Warning', reason: 'FailedBinding', message })
          throw error
        }
      }
    },
  })
}

function claimOf(pod: Pod, { ephemeral }: Volume, name: string): PersistentVolumeClaim {
  const { metadata = {}, spec } = ephemeral?.volumeClaimTemplate ?? { spec: {} }
  const { annotations, labels } = metadata as {
    annotations?: Record<string, string>
    labels?: Record<string, string>
  }
  return {
    metadata: {
      name,
      namespace: pod.metadata.namespace ?? '',
      ...(annotations ? { annotations } : {}),
      ...(labels ? { labels } : {}),
      ownerReferences: [controllerReference(resources.pods, pod)],
    },
    spec,
  }
}
