import { computed, type ComputedRef } from 'vue'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'
import { diagnosePod } from '../kit/diagnose-pod.ts'
import type { Finding } from '../kit/kind-view.ts'
import { selectorTextOf } from '../kit/selector-of.ts'
import { useObjects } from './use-objects.ts'

export interface PodFindingsInput {
  cluster(): string
  /** A workload in trouble; undefined watches nothing. */
  workload(): KubeObject | undefined
}

/** Why the pods of a workload in trouble do not do well: each different reason once, with one pod that has it. */
export function usePodFindings(input: PodFindingsInput): ComputedRef<Finding[]> {
  const { objects } = useObjects<Pod>(() => {
    const workload = input.workload()
    const labelSelector = workload ? selectorTextOf(workload) : ''
    if (!workload || !labelSelector) return undefined
    return {
      cluster: input.cluster(),
      resource: resources.pods,
      namespace: workload.metadata.namespace,
      labelSelector,
    }
  })
  return computed(() => {
    const found = new Map<string, Finding>()
    for (const pod of objects.value) {
      for (const finding of diagnosePod(pod, [])) {
        const key = `${finding.text}/${finding.params?.container ?? ''}`
        if (finding.tone !== 'progress' && !found.has(key))
          found.set(key, { ...finding, pod: pod.metadata.name })
      }
    }
    return [...found.values()]
  })
}
