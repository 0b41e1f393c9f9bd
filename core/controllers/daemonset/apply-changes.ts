import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import { asError } from '../kit/as-error.ts'
import type { Expectations } from '../kit/expectations.ts'
import { isNamespaceTerminating, type PodControl } from '../kit/pod-control.ts'
import { slowStartBatch } from '../kit/slow-start.ts'
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
  expectations.expectCreations(key, nodes.length)
  expectations.expectDeletions(
    key,
    doomed.map(({ metadata }) => metadata.uid ?? ''),
  )
  const remaining = [...nodes]
  const { skipped, error } = await slowStartBatch(nodes.length, async () => {
    const node = remaining.shift()
    if (node === undefined) return
    try {
      await podControl.create(templateForNode(template, node), set)
    } catch (failed) {
      expectations.creationObserved(key)
      if (!isNamespaceTerminating(failed)) throw failed
    }
  })
  for (let i = 0; i < skipped; i++) expectations.creationObserved(key)
  const results = await Promise.allSettled(
    doomed.map(async (pod) => {
      try {
        await podControl.delete(pod, set)
      } catch (failed) {
        expectations.deletionObserved(key, pod.metadata.uid ?? '')
        if (!isNotFound(failed)) throw failed
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (error !== undefined) throw asError(error)
  if (failed) throw asError(failed.reason)
}
