import type { Eviction } from '../../api/generated/policy-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { isConditionTrue, observedGenerationOf, setCondition } from '../../api/conditions.ts'
import type { KubeObject } from '../../api/meta.ts'
import { isConflict } from '../../api/status.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import { noQuery } from '../no-query.ts'
import { parseDeleteOptions } from './delete-options.ts'
import { spendDisruption } from './disruption-budget.ts'

/** How often the pod or its budget may change under an eviction before it is given up (upstream: EvictionsRetry). */
const maxTries = 20

/**
 * Evicts a pod, where its disruption budget lets it: says in its status why it goes, and deletes it with the Eviction's own
 * deleteOptions (upstream: pkg/registry/core/pod/storage/eviction.go). Throws 429 when it may not go now.
 */
export async function evictPod(
  registry: Registry,
  pods: ResourceRegistry,
  ref: { namespace: string | undefined; name: string },
  call: { body: KubeObject; options: WriteOptions },
): Promise<void> {
  const eviction = call.body as Eviction
  const parsed = parseDeleteOptions(eviction.deleteOptions, noQuery)
  const { context } = call.options
  const options = {
    ...call.options,
    // Admission was asked about the eviction; what it does to the pod is a part of that.
    isAdmitted: true,
    context: { ...context, dryRun: context.dryRun || parsed.dryRun },
  }
  for (let tries = 1; ; tries++) {
    const pod = (await pods.get(ref.namespace, ref.name)).object as Pod
    const isBound = needsNoBudget(pod) || (await spendDisruption(registry, pod, options)) === 'as it is'
    try {
      const marked = await markDisrupted(pods, pod, { ref, options })
      // Let go without a budget, it must be the pod that was looked at.
      const resourceVersion = parsed.request.preconditions?.resourceVersion ?? marked.metadata.resourceVersion
      const bound =
        isBound && resourceVersion !== undefined && !options.context.dryRun ? { resourceVersion } : {}
      const preconditions = { ...parsed.request.preconditions, ...bound }
      await pods.delete(ref, { ...parsed.request, preconditions }, options)
      return
    } catch (error) {
      const mayRetry = isConflict(error) && isBound && !parsed.request.preconditions && tries < maxTries
      if (!mayRetry) throw error
    }
  }
}

/** Whether a pod serves nobody: it has ended, has not begun, or is going already. */
function needsNoBudget({ metadata, status }: Pod): boolean {
  const phase = status?.phase
  return (
    phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(metadata.deletionTimestamp)
  )
}

async function markDisrupted(
  pods: ResourceRegistry,
  pod: Pod,
  write: { ref: { namespace: string | undefined; name: string }; options: WriteOptions },
): Promise<Pod> {
  const conditions = pod.status?.conditions ?? []
  if (write.options.context.dryRun || isConditionTrue(conditions, 'DisruptionTarget')) return pod
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    ...observedGenerationOf(pod),
  }
  const patch = {
    metadata: { uid: pod.metadata.uid },
    status: { conditions: setCondition(conditions, condition, write.options.context.now) },
  }
  const options = { ...write.options, subresource: 'status' }
  const { object } = await pods.patch(write.ref, { type: 'strategic', patch }, options)
  return object as Pod
}
