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

/** Pod events over a sink; a container's carry its field path, as upstream. */
export function createPodEvents(sink: EventSink): PodEvents {
  return {
    pod: (pod, event) => sink.record(reference(pod), event),
    container(pod, container, event) {
      const isInit = pod.spec.initContainers?.some(({ name }) => name === container)
      const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`
      sink.record({ ...reference(pod), fieldPath }, event)
    },
  }
}
