import type { Eviction } from '../../api/generated/policy-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { isConditionTrue, setCondition } from '../../api/conditions.ts'
import { badRequest, conflict, failure, invalid, isConflict } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { DeleteRequest, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import { noQuery } from '../no-query.ts'
import { parseDeleteOptions } from './delete-options.ts'
import { spendDisruption } from './disruption-budget.ts'
import { admitOwn, type OwnSubresource } from './own-subresource.ts'

/** How often the pod or its budget may change under an eviction before it is given up (upstream: EvictionsRetry). */
const maxTries = 20

/**
 * Evicts a pod, where its disruption budget lets it: says in its status why it goes, and deletes it with the Eviction's own
 * deleteOptions (upstream: pkg/registry/core/pod/storage/eviction.go). Throws 429 when it may not go now.
 */
export async function evictPod(call: OwnSubresource): Promise<void> {
  const { registry, resource: pods, ref } = call
  const { context } = call.options
  const eviction = (await admitOwn(call, (body) => checkEviction(body as Eviction, call))) as Eviction
  const parsed = parseDeleteOptions(eviction.deleteOptions, noQuery)
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
      requirePreconditions(pod, parsed.request)
      const marked = await markDisrupted(pods, pod, { ref, options })
      // Let go without a budget, it must be the pod that was looked at; and marking it was our own change.
      const { resourceVersion } = marked.metadata
      const isVersioned = isBound || parsed.request.preconditions?.resourceVersion !== undefined
      const bound = isVersioned && resourceVersion && !options.context.dryRun ? { resourceVersion } : {}
      const preconditions = { ...parsed.request.preconditions, ...bound }
      await pods.delete(ref, { ...parsed.request, preconditions }, options)
      return
    } catch (error) {
      const mayRetry = isConflict(error) && isBound && !parsed.request.preconditions && tries < maxTries
      if (!mayRetry) throw error
    }
  }
}

function checkEviction({ metadata, deleteOptions }: Eviction, { ref, options }: OwnSubresource): void {
  if (metadata.name !== ref.name) throw badRequest('name in URL does not match name in Eviction object')
  if (deleteOptions?.ignoreStoreReadErrorWithClusterBreakingPotential) {
    const why = 'can not be set for pod eviction, try after removing the option'
    const field = 'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential'
    throw invalid({ group: 'policy', kind: 'Eviction' }, ref.name, [invalidValue(field, true, why)])
  }
  const dryRun = deleteOptions?.dryRun ?? []
  if (options.context.dryRun && dryRun.length > 0 && dryRun.join() !== 'All') {
    const why = `Non-matching dry-run options in request and content: [All] and [${dryRun.join(' ')}]`
    throw failure(500, '', why)
  }
}

/** Throws 409 for a pod that is not the one that is to go: it is not even marked then. */
function requirePreconditions({ metadata }: Pod, { preconditions = {} }: DeleteRequest): void {
  const { uid, resourceVersion } = preconditions
  const pods = { group: '', resource: 'Pod' }
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`
    throw conflict(pods, metadata.name, `${why}. The object might have been deleted and then recreated`)
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion})`
    throw conflict(pods, metadata.name, `${why}. The object might have been modified`)
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
  }
  const patch = {
    metadata: { uid: pod.metadata.uid },
    status: { conditions: setCondition(conditions, condition, write.options.context.now) },
  }
  const options = { ...write.options, subresource: 'status', keepsOwners: true }
  const { object } = await pods.patch(write.ref, { type: 'strategic', patch }, options)
  return object as Pod
}
