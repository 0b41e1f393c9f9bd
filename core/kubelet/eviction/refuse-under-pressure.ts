import type { Pod } from '../../api/generated/core-v1.ts'
import { qosClassOf } from '../../api/qos-class.ts'
import type { Refusal } from '../pods/admit-pod.ts'
import { isCritical } from './rank-pods.ts'
import type { Pressure } from './thresholds.ts'

const memoryTaint = 'node.kubernetes.io/memory-pressure'

/** Why a node that is short takes no more of such pods (upstream: eviction manager Admit). */
export function refuseUnderPressure(pod: Pod, pressures: ReadonlySet<Pressure>): Refusal | undefined {
  if (pressures.size === 0 || isCritical(pod)) return undefined
  const onlyMemory = pressures.size === 1 && pressures.has('MemoryPressure')
  if (onlyMemory && (qosClassOf(pod.spec) !== 'BestEffort' || toleratesMemoryPressure(pod))) return undefined
  const conditions = [...pressures].toSorted().join(' ')
  return { reason: 'Evicted', message: `The node had condition: [${conditions}]. ` }
}

function toleratesMemoryPressure({ spec }: Pod): boolean {
  return (spec.tolerations ?? []).some(
    ({ key, operator, effect }) =>
      (effect === undefined || effect === '' || effect === 'NoSchedule') &&
      (key === memoryTaint || (!key && operator === 'Exists')),
  )
}
