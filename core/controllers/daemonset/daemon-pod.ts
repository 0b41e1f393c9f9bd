import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type {
  Affinity,
  Node,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Toleration,
} from '../../api/generated/core-v1.ts'
import { requiredNodeMatcher } from '../../api/node-selector.ts'
import { tolerates } from '../../api/taints.ts'
import { draft } from '../../client/draft.ts'

/** The label with the hash of the template that a pod was made from. */
export const revisionLabel = 'controller-revision-hash'
const generationLabel = 'pod-template-generation'
const generationAnnotation = 'deprecated.daemonset.template.generation'
const nodeNameField = 'metadata.name'

/** What every daemon pod tolerates, so that it runs where others are kept away (upstream: AddOrUpdateDaemonPodTolerations). */
function daemonTolerations(spec: PodSpec): Toleration[] {
  const of = (name: string, effect: string): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  })
  const tolerations = [
    of('not-ready', 'NoExecute'),
    of('unreachable', 'NoExecute'),
    of('disk-pressure', 'NoSchedule'),
    of('memory-pressure', 'NoSchedule'),
    of('pid-pressure', 'NoSchedule'),
    of('unschedulable', 'NoSchedule'),
  ]
  if (spec.hostNetwork) tolerations.push(of('network-unavailable', 'NoSchedule'))
  return tolerations
}

function withTolerations(spec: PodSpec): Toleration[] {
  const own = daemonTolerations(spec)
  const isSame = (a: Toleration, b: Toleration): boolean => a.key === b.key && a.effect === b.effect
  const kept = (spec.tolerations ?? []).filter(
    (one) => !own.some((other) => isSame(one, other) && one.operator === other.operator && !one.value),
  )
  return [...kept, ...own]
}

/** The affinity with the node's name in every required term (upstream: ReplaceDaemonSetPodNodeNameNodeAffinity). */
function boundTo(affinity: Affinity | undefined, nodeName: string): Affinity {
  const matchFields = [{ key: nodeNameField, operator: 'In', values: [nodeName] }]
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      // Its terms were matched by this controller already; the name is all the scheduler needs to know.
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  }
}

/** The template of the pods of one revision (upstream: util.CreatePodTemplate). */
export function daemonTemplate(set: DaemonSet, hash: string): PodTemplateSpec {
  const template = draft(set.spec.template)
  const generation = set.metadata.annotations?.[generationAnnotation]
  template.metadata = {
    ...(template.metadata ?? { name: '' }),
    labels: {
      ...template.metadata?.labels,
      ...(generation === undefined ? {} : { [generationLabel]: generation }),
      [revisionLabel]: hash,
    },
  }
  template.spec = draft(template.spec ?? { containers: [] })
  template.spec.tolerations = withTolerations(template.spec)
  return template
}

/** The template for a pod on this node: the scheduler, not the controller, binds it. */
export function templateForNode(template: PodTemplateSpec, nodeName: string): PodTemplateSpec {
  const spec = template.spec ?? { containers: [] }
  return { ...template, spec: { ...spec, affinity: boundTo(spec.affinity, nodeName) } }
}

/** The node that a daemon pod is on or is meant for (upstream: util.GetTargetNodeName). */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields.find(({ key, operator }) => key === nodeNameField && operator === 'In')
    if (field?.values?.length === 1) return field.values[0]
  }
  return undefined
}

export interface NodeVerdict {
  /** A pod should be started there. */
  shouldRun: boolean
  /** A pod that is there may stay. */
  shouldContinue: boolean
}

/** Judges nodes for one DaemonSet by node name, selector, affinity and taints (upstream: NodeShouldRunDaemonPod). */
export function nodeJudge(set: DaemonSet): (node: Node) => NodeVerdict {
  const spec = set.spec.template.spec ?? { containers: [] }
  const matches = requiredNodeMatcher(spec)
  const tolerations = withTolerations(spec)
  return (node) => {
    if (spec.nodeName && spec.nodeName !== node.metadata.name)
      return { shouldRun: false, shouldContinue: false }
    if (matches && !matches(node)) return { shouldRun: false, shouldContinue: false }
    const untolerated = (node.spec.taints ?? []).filter(
      (taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((one) => tolerates(one, taint)),
    )
    return {
      shouldRun: untolerated.length === 0,
      shouldContinue: !untolerated.some(({ effect }) => effect === 'NoExecute'),
    }
  }
}
