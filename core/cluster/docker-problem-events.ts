import type { Pod } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informer } from '../client/informer.ts'
import { referenceTo } from '../client/object-reference.ts'

export interface DockerProblemEvents extends Disposable {
  /** Docker cannot be used for this reason, or (undefined) can be again. */
  set(problem: string | undefined): void
}

/**
 * Tells every pod that waits for a node, by an event, why there is none while Docker cannot be used and how to fix it. The
 * scheduler's own event only says that the nodes are not ready.
 */
export function createDockerProblemEvents(options: {
  pods: Informer<Pod>
  recorder: EventRecorder
}): DockerProblemEvents {
  const { pods, recorder } = options
  let problem: string | undefined

  function tell(pod: Pod): void {
    if (problem === undefined || pod.spec.nodeName || pod.metadata.deletionTimestamp) return
    recorder.record(referenceTo(resources.pods, pod), {
      type: 'Warning',
      reason: 'DockerUnavailable',
      message: problem,
    })
  }

  const subscription = pods.addHandler({ added: tell })
  return {
    set(next) {
      if (next === problem) return
      problem = next
      for (const pod of pods.store.list()) tell(pod)
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}
