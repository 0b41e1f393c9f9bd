import type { KubeObject, OwnerReference } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import { jsonEqual } from '../json-equal.ts'

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
  const kept: OwnerReference[] = []
  const repeated: string[] = []
  for (const reference of references) {
    if (kept.some((one) => jsonEqual(one, reference))) repeated.push(reference.uid ?? '')
    else kept.push(reference)
  }
  if (repeated.length === 0) return
  metadata.ownerReferences = kept
  const circumstance = when === 'after' ? ' after mutating admission happens' : ''
  context.warn(
    `.metadata.ownerReferences contains duplicate entries${circumstance}; ${consequence}; duplicate UID(s) observed: ${repeated.join(', ')}`,
  )
}
