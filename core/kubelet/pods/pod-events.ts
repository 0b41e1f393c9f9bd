import type { ObjectReference, Pod } from '../../api/generated/core-v1.ts'

export interface EventText {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** Where the kubelet's events go. Never blocks and never fails its caller. */
export interface EventSink {
  record(involved: ObjectReference, event: EventText): void
}

/** Events about pods and their containers. */
export interface PodEvents {
  pod(pod: Pod, event: EventText): void
  container(pod: Pod, container: string, event: EventText): void
}

function reference(pod: Pod): ObjectReference {
  const { name, namespace, uid, resourceVersion } = pod.metadata
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}

function listOf({ spec }: Pod, container: string): string {
  if (spec.initContainers?.some(({ name }) => name === container)) return 'initContainers'
  const isEphemeral = spec.ephemeralContainers?.some(({ name }) => name === container)
  return isEphemeral ? 'ephemeralContainers' : 'containers'
}

/** Pod events over a sink; a container's carry its field path, as upstream. */
export function createPodEvents(sink: EventSink): PodEvents {
  return {
    pod: (pod, event) => sink.record(reference(pod), event),
    container(pod, container, event) {
      const fieldPath = `spec.${listOf(pod, container)}{${container}}`
      sink.record({ ...reference(pod), fieldPath }, event)
    },
  }
}
