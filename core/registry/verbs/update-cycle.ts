import type { KubeObject } from '../../api/meta.ts'
import { conflict, notFound, staleObject } from '../../api/status.ts'
import { RevisionMismatchError } from '../../storage/store.ts'
import type { Entry } from '../../storage/store.ts'
import type { WriteResult } from '../registry.ts'
import { getEntry, keyOf, storeFailure } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { resultOfEntry, resultOfObject } from './write-result.ts'

/** Enough for many writers on one object; each attempt starts from the state that beat the one before. */
const maxAttempts = 100

/** What a cycle decided: the next state (the same reference as the current one for no change), or removal. */
export interface Proposal {
  object: KubeObject
  /** The change lets a pending deletion finish: `object` is the last state to answer with. */
  remove?: boolean
}

export interface UpdateCycle {
  dryRun: boolean
  /**
   * Reads, admits and validates a change against one state; may take its time. Called again with the newer state when
   * another write came in between, so it must not keep anything from one call to the next.
   */
  propose(current: Entry): Promise<Proposal>
}

/** Thrown through the store to leave an update whose basis is gone. */
class BasisChanged extends Error {
  readonly current: Entry
  constructor(current: Entry) {
    super('the object has changed meanwhile')
    this.current = current
  }
}

/**
 * Runs propose-and-store until no other write comes in between (upstream: GuaranteedUpdate). Throws NotFound for an
 * absent object, and whatever `propose` throws.
 */
export async function runUpdateCycle(
  scope: ResourceScope,
  ref: ObjectRef,
  cycle: UpdateCycle,
): Promise<WriteResult & { removed?: boolean }> {
  let current = await getEntry(scope, ref)
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const proposal = await cycle.propose(current)
    const isSame = proposal.object === current.object && !scope.isOutdated?.(current)
    if (isSame && !proposal.remove) return resultOfEntry(current)
    if (cycle.dryRun) return { ...resultOfObject(proposal.object), removed: proposal.remove === true }
    try {
      return await storeProposal(scope, { ref, basis: current }, proposal)
    } catch (error) {
      if (error instanceof BasisChanged) current = error.current
      else if (error instanceof RevisionMismatchError) throw notFound(scope.resource, ref.name)
      else throw storeFailure(error)
    }
  }
  throw conflict(scope.resource, ref.name, staleObject)
}

async function storeProposal(
  scope: ResourceScope,
  { ref, basis }: { ref: ObjectRef; basis: Entry },
  proposal: Proposal,
): Promise<WriteResult & { removed?: boolean }> {
  const key = keyOf(scope, ref)
  const check = (current: Entry): void => {
    if (current.revision !== basis.revision) throw new BasisChanged(current)
  }
  if (proposal.remove) {
    const entry = await scope.store.delete(key, check)
    const { resourceVersion } = entry.object.metadata
    const last = { ...proposal.object, metadata: { ...proposal.object.metadata, resourceVersion } }
    return { ...resultOfObject(last), removed: true }
  }
  const entry = await scope.store.update(key, (current) => {
    check(current)
    return proposal.object
  })
  return resultOfEntry(entry)
}
