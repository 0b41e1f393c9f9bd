import type { KubeObject } from '../../api/meta.ts'
import { rfc3339 } from '../../util/clock.ts'
import { millisecondsOf } from '../../util/go-duration.ts'
import type { KindDefinition } from '../kind.ts'
import type { DeleteRequest } from '../registry.ts'

const orphanFinalizer = 'orphan'
const foregroundFinalizer = 'foregroundDeletion'
const policyFinalizers = { Orphan: orphanFinalizer, Foreground: foregroundFinalizer, Background: undefined }

/** Whether something else must be done before the object may go. */
export function hasFinalizers(definition: KindDefinition, object: KubeObject): boolean {
  return (object.metadata.finalizers?.length ?? 0) > 0 || definition.hasOwnFinalizers?.(object) === true
}

/** Whether a change removes the last thing that held a deleted object back. */
export function finishesDeletion(definition: KindDefinition, object: KubeObject, old: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
  if (deletionTimestamp === undefined || hasFinalizers(definition, object)) return false
  return !deletionGracePeriodSeconds
}

/**
 * The finalizers that a deletion leaves (upstream: deletionFinalizersForGarbageCollection): what becomes of dependents
 * is said by the request, else by a finalizer that is there, else by the kind.
 */
export function finalizersForDeletion(
  { dependents }: KindDefinition,
  finalizers: string[] | undefined,
  policy: DeleteRequest['propagationPolicy'],
): string[] {
  const present = finalizers ?? []
  const known = new Set(present)
  const others = present.filter((name) => !isOfPolicy(name))
  if (dependents === 'none') return others
  const byKind = dependents === 'orphaned' ? orphanFinalizer : undefined
  const chosen = policy === undefined ? (present.find(isOfPolicy) ?? byKind) : policyFinalizers[policy]
  const next = chosen === undefined ? others : [...others, chosen]
  // Their order alone is no reason for a change.
  return next.length === present.length && next.every((name) => known.has(name)) ? present : next
}

function isOfPolicy(finalizer: string): boolean {
  return finalizer === orphanFinalizer || finalizer === foregroundFinalizer
}

/** What graceful deletion makes of an object's metadata. */
export type GracefulStep =
  /** The kind knows no grace, or asks for none now. */
  | { kind: 'none' }
  /** A deletion with a grace period runs already and this request changes nothing. */
  | { kind: 'pending' }
  | { kind: 'graceful'; deletionTimestamp: string; gracePeriodSeconds: number; isFirst: boolean }

export interface GracefulRequest {
  requestedSeconds: number | undefined
  nowMs: number
}

/** Decides the grace period of a deletion (upstream: rest.BeforeDelete). A running one can only be shortened. */
export function gracefulStep(
  definition: KindDefinition,
  object: KubeObject,
  { requestedSeconds, nowMs }: GracefulRequest,
): GracefulStep {
  const { gracefulDeletion } = definition
  if (!gracefulDeletion) return { kind: 'none' }
  const requested = requestedSeconds !== undefined && requestedSeconds < 0 ? 1 : requestedSeconds
  const { deletionTimestamp, deletionGracePeriodSeconds: running } = object.metadata
  if (deletionTimestamp !== undefined) {
    if (running === undefined) return { kind: 'none' }
    if (requested === undefined || requested >= running) return { kind: 'pending' }
    const startedMs = Date.parse(deletionTimestamp) - millisecondsOf(running)
    return {
      kind: 'graceful',
      deletionTimestamp: rfc3339(startedMs + millisecondsOf(requested)),
      gracePeriodSeconds: requested,
      isFirst: false,
    }
  }
  const asked = gracefulDeletion.gracePeriodSeconds(object, requested)
  const gracePeriodSeconds = asked < 0 ? 0 : asked
  return {
    kind: 'graceful',
    deletionTimestamp: rfc3339(nowMs + millisecondsOf(gracePeriodSeconds)),
    gracePeriodSeconds,
    isFirst: true,
  }
}
