import type { KubeObject, OwnerReference } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'

const consequence =
  'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'

/**
 * Takes owner references out of an object that are there more than once, and warns of their UIDs (upstream:
 * endpoints/handlers dedupOwnerReferencesAndAddWarning). `when` is `before` or `after` mutating admission.
 */
export function dedupeOwnerReferences(
  { metadata }: KubeObject,
  context: Pick<RequestContext, 'warn'>,
  when: 'before' | 'after',
): void {
  const references = metadata.ownerReferences
  if (!references || references.length < 2) return
  const seen = new Set<string>()
  const kept: OwnerReference[] = []
  const repeated: string[] = []
  for (const reference of references) {
    const text = textOf(reference)
    if (seen.has(text)) repeated.push(reference.uid ?? '')
    else kept.push(reference)
    seen.add(text)
  }
  if (repeated.length === 0) return
  metadata.ownerReferences = kept
  const circumstance = when === 'after' ? ' after mutating admission happens' : ''
  context.warn(
    `.metadata.ownerReferences contains duplicate entries${circumstance}; ${consequence}; duplicate UID(s) observed: ${repeated.join(', ')}`,
  )
}

/** The same for references that are the same, in whichever order their fields came. */
function textOf({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): string {
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion])
}
