import type { Pod } from '../../../api/generated/core-v1.ts'
import { isConditionTrue } from '../../../api/conditions.ts'
import { restartsText, summarizePod } from '../../../api/pod-status.ts'
import type { Column } from '../../../registry/kind.ts'
import { ageColumn, nameColumn } from '../../columns.ts'

/** `kubectl get pods` and its `-o wide`. */
export const podColumns: Column<Pod>[] = [
  nameColumn(),
  {
    name: 'Ready',
    type: 'string',
    value: readyText,
  },
  { name: 'Status', type: 'string', value: (pod) => summarizePod(pod).status },
  {
    name: 'Restarts',
    type: 'string',
    value: (pod, now) => restartsText(summarizePod(pod), now),
    movesWithTime: (pod) => summarizePod(pod).lastRestart !== undefined,
  },
  ageColumn(),
  {
    name: 'IP',
    type: 'string',
    priority: 1,
    value: (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>',
  },
  { name: 'Node', type: 'string', priority: 1, value: (pod) => pod.spec.nodeName || '<none>' },
  {
    name: 'Nominated Node',
    type: 'string',
    priority: 1,
    value: (pod) => pod.status?.nominatedNodeName || '<none>',
  },
  { name: 'Readiness Gates', type: 'string', priority: 1, value: readinessGates },
]

function readyText(pod: Pod): string {
  const { readyContainers, totalContainers } = summarizePod(pod)
  return `${readyContainers}/${totalContainers}`
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const met = gates.filter((gate) => isConditionTrue(pod.status?.conditions, gate.conditionType))
  return `${met.length}/${gates.length}`
}
