import type { NamespaceCondition } from '../../api/generated/core-v1.ts'
import type { Remaining } from './delete-content.ts'

/** A failure is a condition that is True; without one it is False with a reason and message of its own. */
function condition(
  type: string,
  words: { ok: [reason: string, message: string]; failure: [reason: string, message: string] | undefined },
): NamespaceCondition {
  const [reason, message] = words.failure ?? words.ok
  return { type, status: words.failure ? 'True' : 'False', reason, message }
}

/**
 * What the status of a dying namespace says of its deletion (upstream: pkg/controller/namespace/deletion/
 * status_condition_utils.go). `undiscovered` are group versions that could not be asked what they hold.
 */
export function conditionsOf(
  { objects, finalizers, errors }: Remaining,
  undiscovered: string[],
): NamespaceCondition[] {
  const stale = undiscovered.map((version) => `${version}: stale GroupVersion discovery: ${version}`)
  const remaining = objects.map(({ resource, count }) => `${resource} has ${count} resource instances`)
  const blocked = finalizers.map(({ name, count }) => `${name} in ${count} resource instances`)
  const when = (
    list: string[],
    reason: string,
    message: string,
  ): [reason: string, message: string] | undefined => (list.length > 0 ? [reason, message] : undefined)
  return [
    condition('NamespaceDeletionDiscoveryFailure', {
      ok: ['ResourcesDiscovered', 'All resources successfully discovered'],
      failure: when(
        stale,
        'DiscoveryFailed',
        `Discovery failed for some groups, ${stale.length} failing: unable to retrieve the complete list of server APIs: ${stale.join(', ')}`,
      ),
    }),
    // Group versions are parsed where they are registered: one that cannot be is never served.
    condition('NamespaceDeletionGroupVersionParsingFailure', {
      ok: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
      failure: undefined,
    }),
    condition('NamespaceDeletionContentFailure', {
      ok: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      failure: when(
        errors,
        'ContentDeletionFailed',
        `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(', ')}`,
      ),
    }),
    condition('NamespaceContentRemaining', {
      ok: ['ContentRemoved', 'All content successfully removed'],
      failure: when(
        remaining,
        'SomeResourcesRemain',
        `Some resources are remaining: ${remaining.join(', ')}`,
      ),
    }),
    condition('NamespaceFinalizersRemaining', {
      ok: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
      failure: when(
        blocked,
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${blocked.join(', ')}`,
      ),
    }),
  ]
}
