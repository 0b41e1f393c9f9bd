import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { asError } from '../kit/as-error.ts'
import type { Expectations } from '../kit/expectations.ts'
import { createExpected, deleteExpected } from '../kit/expected-changes.ts'
import type { PodControl } from '../kit/pod-control.ts'
import { templateForNode } from './daemon-pod.ts'
import type { PodChanges } from './manage-pods.ts'

/** Creations and deletions in one go (upstream: BurstReplicas). */
const burst = 250

export interface ApplyOptions {
  set: DaemonSet
  template: PodTemplateSpec
  podControl: PodControl
  expectations: Expectations
}

/** Creates and deletes pods, and expects to see it; throws the first failure (upstream: syncNodes). */
export async function applyChanges(options: ApplyOptions, changes: PodChanges): Promise<void> {
  const { set, template, podControl, expectations } = options
  const key = objectKey(set)
  const nodes = changes.nodes.slice(0, burst)
  const doomed = changes.pods.slice(0, burst)
  if (nodes.length === 0 && doomed.length === 0) return
  const remaining = [...nodes]
  const creation = await createExpected({ expectations, key, count: nodes.length }, async () => {
    const node = remaining.shift()
    if (node !== undefined) await podControl.create(templateForNode(template, node), set)
  })
  const deletion = await deleteExpected({ expectations, key, pods: doomed }, (pod) =>
    podControl.delete(pod, set),
  )
  const failure = creation ?? deletion
  if (failure) throw asError(failure.error)
}
