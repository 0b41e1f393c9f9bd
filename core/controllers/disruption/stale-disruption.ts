import type { Pod } from '../../api/generated/core-v1.ts'
import { findCondition, observedGenerationOf } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { isPodTerminal } from '../kit/pod-state.ts'
import { defineController } from '../kit/run-controller.ts'

/** After this long a pod that was to be disrupted and is not being deleted will live on (upstream: stalePodDisruptionTimeout). */
const staleAfterMs = 120_000

/** Takes back the DisruptionTarget condition of pods that were not disrupted after all. */
export function createStaleDisruptionController(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies

  async function takeBack(pod: Pod): Promise<void> {
    const { namespace = '', name, uid } = pod.metadata
    const condition = {
      type: 'DisruptionTarget',
      status: 'False',
      reason: null,
      message: null,
      ...observedGenerationOf(pod),
      lastTransitionTime: rfc3339(clock.now()),
    }
    try {
      await client.patch(
        resources.pods,
        { namespace, name },
        {
          type: 'strategic',
          subresource: 'status',
          body: { metadata: { uid }, status: { conditions: [condition] } },
        },
      )
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  return defineController(dependencies, {
    name: 'stale-pod-disruption',
    for: resources.pods,
    workers: 1,
    filter: ({ type, object }) => type !== 'deleted' && staleAt(object) !== undefined,
    async reconcile({ object: pod }) {
      const at = pod && staleAt(pod)
      if (!pod || at === undefined) return
      const leftMs = at - clock.now()
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      await takeBack(pod)
    },
  })
}

/** When the pod's disruption counts as given up (ms since the epoch); undefined when there is none to give up. */
function staleAt(pod: Pod): number | undefined {
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined
  const condition = findCondition(pod.status?.conditions, 'DisruptionTarget')
  if (condition?.status !== 'True') return undefined
  return (Date.parse(condition.lastTransitionTime ?? '') || 0) + staleAfterMs
}
