import type { Eviction } from '../../api/generated/policy-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import { parseDeleteOptions } from './delete-options.ts'

const noQuery = new URLSearchParams()

/**
 * Evicts a pod: deletes it with the Eviction's own deleteOptions (upstream: pkg/registry/core/pod/storage/eviction.go).
 * Disruption budgets are admission's to enforce.
 */
export async function evictPod(
  pods: ResourceRegistry,
  ref: { namespace: string | undefined; name: string },
  call: { body: KubeObject; options: WriteOptions },
): Promise<void> {
  const eviction = call.body as Eviction
  const parsed = parseDeleteOptions(eviction.deleteOptions, noQuery)
  const { context } = call.options
  const options = { ...call.options, context: { ...context, dryRun: context.dryRun || parsed.dryRun } }
  await pods.delete(ref, parsed.request, options)
}
