import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { createStatefulClaims, type StatefulClaims } from './claims.ts'
import { missingIdentity } from './identity.ts'

/** Creates, repairs and deletes the pods of StatefulSets, with upstream's events. */
export interface StatefulPods {
  readonly claims: StatefulClaims
  /** Creates the pod after its claims. */
  create(set: StatefulSet, pod: Pod, ordinal: number): Promise<void>
  /** Gives a pod back its identity labels and its claims their owners. */
  repair(set: StatefulSet, pod: Pod, ordinal: number): Promise<void>
  /** Deletes the pod; one that is gone already counts as deleted. */
  delete(set: StatefulSet, pod: Pod): Promise<void>
}

/** Upstream: pkg/controller/statefulset/stateful_pod_control.go. */
export function createStatefulPods(client: Client, recorder: EventRecorder): StatefulPods {
  const claims = createStatefulClaims(client, recorder)

  /** Runs a step and writes the event about how it ended. */
  async function told(
    set: StatefulSet,
    pod: Pod,
    { verb, work }: { verb: 'create' | 'delete' | 'update'; work: () => Promise<unknown> },
  ): Promise<void> {
    const involved = referenceTo(resources.statefulSets, set)
    const what = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
    const reason = `${verb[0]?.toUpperCase()}${verb.slice(1)}`
    try {
      await work()
    } catch (error) {
      if (isAlreadyExists(error) || isNamespaceTerminating(error)) throw error
      if (verb === 'delete' && isNotFound(error)) return
      const message = `${what} failed error: ${(error as Error).message}`
      recorder.record(involved, { type: 'Warning', reason: `Failed${reason}`, message })
      throw error
    }
    const message = `${what} successful`
    recorder.record(involved, { type: 'Normal', reason: `Successful${reason}`, message })
  }

  return {
    claims,
    async create(set, pod, ordinal) {
      await claims.createMissing(set, pod, ordinal)
      await told(set, pod, { verb: 'create', work: () => client.create(resources.pods, pod) })
      await claims.applyRetention(set, pod, ordinal)
    },
    async repair(set, pod, ordinal) {
      await claims.applyRetention(set, pod, ordinal)
      const labels = missingIdentity(pod, ordinal)
      if (Object.keys(labels).length === 0) return
      const { namespace = '', name, uid } = pod.metadata
      const body = { metadata: { uid, labels } }
      await told(set, pod, {
        verb: 'update',
        work: () => client.patch(resources.pods, { namespace, name }, { type: 'merge', body }),
      })
    },
    async delete(set, pod) {
      const { namespace = '', name, uid = '' } = pod.metadata
      const options = { preconditions: { uid } }
      await told(set, pod, {
        verb: 'delete',
        work: () => client.delete(resources.pods, { namespace, name }, options),
      })
    },
  }
}
