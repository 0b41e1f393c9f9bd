/** What can be wrong with an object, said in words. */
export const findingsEn = {
  finding: {
    title: 'What is wrong',
    log: 'Show its log',
    previousLog: 'Show the log of the run that ended',
    crashLoop:
      '{container} keeps ending right after its start (exit code {code}, restarted {n} times). It is tried again after a growing pause.',
    crashLoopOom:
      '{container} keeps running out of memory (restarted {n} times). Raise its memory limit or use less.',
    imagePull:
      'The image {image} of {container} cannot be pulled. Check its name and tag, and that the registry can be reached.',
    imageNever:
      'The image {image} of {container} is not on the node, and imagePullPolicy is Never. Build or load it, or allow pulling.',
    imageName: '{image} of {container} is not a valid image name.',
    preparing: '{container} waits for its image {image}.',
    config:
      '{container} cannot start because something it refers to is missing, such as a ConfigMap, a Secret or a key in one.',
    start: '{container} cannot be started ({reason}).',
    waiting: '{container} waits: {reason}.',
    oom: '{container} ran out of memory and was killed.',
    wasOom: '{container} was killed for lack of memory before (restarted {n} times).',
    exited: '{container} ended with exit code {code}.',
    probe: '{container} runs but its probe fails.',
    notReady: '{container} runs but is not ready yet.',
    unschedulable: 'No node can take this pod.',
    unscheduled: 'The pod waits for the scheduler.',
    gated: 'Scheduling waits for a gate to be removed (spec.schedulingGates).',
    prepare: 'The node cannot prepare the pod ({reason}).',
    starting: 'The pod is being started on {node}.',
    terminating:
      'The pod is ending; its containers have {n} second. | The pod is ending; its containers have {n} seconds.',
    finalizers: 'It is being deleted but waits for: {finalizers}.',
    evicted: 'The node evicted this pod for lack of resources.',
    nodeLost: 'The node of this pod no longer answers.',
    replicaFailure: 'Pods cannot be created.',
    paused: 'The rollout is paused; changes wait until it is resumed.',
    unobserved: 'The newest change has not been taken up yet.',
    deadline: 'The rollout made no progress for {n} seconds.',
    rolling: 'The rollout is going on: {updated} of {wanted} replicas are up to date.',
    unavailable: '{available} of {wanted} replicas are available.',
    oldReplicas: '{n} old replica is still ending. | {n} old replicas are still ending.',
    event: 'Latest warning: {reason}.',
    nodeNotReady: 'The node is not ready: no new pods come to it, and its pods move away after some minutes.',
    nodeUnknown: 'The node has stopped answering.',
    nodePressure: 'The node reports {condition}.',
    cordoned: 'The node is cordoned: no new pods come to it.',
    namespaceStuck: 'Deleting waits: {reason}.',
  },
}
