import type { KubeObject } from '../../api/meta.ts'
import type { Allocation } from '../../api/request.ts'
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
  /** What was taken for it. */
  allocation?: Allocation
}

export interface UpdateCycle {
  dryRun: boolean
  /**
   * Reads, admits and validates a change against one state; may take its time. Called again with the newer state when
   * another write came in between, so it must not keep anything from one call to the next.
   */
  propose(current: Entry): Promise<Proposal>
}

/** The state a proposal is made for. */
interface Basis {
  entry: Entry
  /** Rejects when the state never becomes durable; nobody may be told of it before this has resolved. */
  durable: Promise<unknown>
}

type Result = WriteResult & { removed?: boolean }

/** What an attempt came to; wrapped, so that its maker need not wait for the disk. */
interface Outcome {
  result: Promise<Result>
}

/** Thrown through the store to leave an update whose basis is gone. */
class BasisChanged extends Error {}

/**
 * Runs propose-and-store until no other write comes in between (upstream: GuaranteedUpdate). Throws NotFound for an
 * absent object, and whatever `propose` throws. Who has lost a race, or finds others at it, takes turns with them: each
 * then builds on what the one before has brought to the store, without waiting until it is durable, so that all of them
 * become durable together.
 */
export async function runUpdateCycle(
  scope: ResourceScope,
  ref: ObjectRef,
  cycle: UpdateCycle,
): Promise<Result> {
  const key = keyOf(scope, ref)
  const run = { scope, ref, cycle, key }
  if (!scope.turns.isTaken(key)) {
    const entry = await getEntry(scope, ref)
    const outcome = await attempt(run, { entry, durable: Promise.resolve() })
    if (outcome && (scope.store.acceptsAhead || (await isKept(outcome)))) return outcome.result
  }
  const { result } = await scope.turns.take(key, async () => {
    for (let count = 1; count < maxAttempts; count++) {
      const outcome = await attempt(run, await newestAccepted(run))
      if (outcome && (scope.store.acceptsAhead || (await isKept(outcome)))) return outcome
    }
    throw conflict(scope.resource, ref.name, staleObject)
  })
  return result
}

/**
 * Whether an attempt stands where other processes write too: one of them may have been quicker, which shows when the write
 * resolves.
 */
async function isKept({ result }: Outcome): Promise<boolean> {
  try {
    await result
  } catch (error) {
    return !(error instanceof BasisChanged)
  }
  return true
}

interface CycleRun {
  scope: ResourceScope
  ref: ObjectRef
  cycle: UpdateCycle
  key: string
}

/** What the next write builds on, which may still be on its way to the disk. Throws NotFound. */
async function newestAccepted({ scope, ref, key }: CycleRun): Promise<Basis> {
  let entry: Entry | undefined
  const durable = scope.store.update(key, (head) => {
    entry = head
    return head.object
  })
  if (!entry) {
    // A store that knows the object calls back before it returns. One that others write to may get to know it now.
    try {
      return { entry: await durable, durable }
    } catch (error) {
      throw failureOf(scope, ref, error)
    }
  }
  durable.catch(() => undefined)
  return { entry, durable }
}

/** One proposal and its way to the store; undefined when another write came in between. */
async function attempt(run: CycleRun, basis: Basis): Promise<Outcome | undefined> {
  const { scope, cycle } = run
  const { entry } = basis
  const settle = (answer: () => Result): Outcome => ({
    result: basis.durable.then(answer, (error: unknown) => {
      throw storeFailure(error)
    }),
  })
  let proposal: Proposal
  try {
    proposal = await cycle.propose(entry)
  } catch (error) {
    return settle(() => {
      throw error
    })
  }
  const { allocation } = proposal
  const isSame = proposal.object === entry.object && !scope.isOutdated?.(entry)
  const isStored = !cycle.dryRun && (!isSame || proposal.remove === true)
  const outcome = carryOut(run, { basis, proposal, isSame, settle })
  if (!allocation) return outcome
  if (outcome) return { result: endAllocation(allocation, outcome.result, isStored) }
  await allocation.end(false)
  return undefined
}

/** Gives back what was taken for a write that fails, before anybody hears of it. */
async function endAllocation(
  allocation: Allocation,
  result: Promise<Result>,
  isStored: boolean,
): Promise<Result> {
  try {
    const done = await result
    await allocation.end(isStored)
    return done
  } catch (error) {
    await allocation.end(false)
    throw error
  }
}

function carryOut(
  run: CycleRun,
  {
    basis,
    proposal,
    isSame,
    settle,
  }: { basis: Basis; proposal: Proposal; isSame: boolean; settle: (answer: () => Result) => Outcome },
): Outcome | undefined {
  const { entry } = basis
  if (isSame && !proposal.remove) return settle(() => resultOfEntry(entry))
  if (run.cycle.dryRun) {
    return settle(() => ({ ...resultOfObject(proposal.object), removed: proposal.remove === true }))
  }
  return storeProposal(run, entry, proposal)
}

function storeProposal(run: CycleRun, basis: Entry, proposal: Proposal): Outcome | undefined {
  let isBasisGone = false
  const check = (current: Entry): void => {
    if (current.revision === basis.revision) return
    isBasisGone = true
    throw new BasisChanged('the object has changed meanwhile')
  }
  const result = write(run, proposal, check)
  // The store has looked at its newest state by now, though it answers only when that is durable.
  if (!isBasisGone) return { result }
  result.catch(() => undefined)
  return undefined
}

async function write(
  { scope, ref, key }: CycleRun,
  proposal: Proposal,
  check: (current: Entry) => void,
): Promise<Result> {
  try {
    if (proposal.remove) {
      const entry = await scope.store.delete(key, check)
      const { resourceVersion } = entry.object.metadata
      const last = { ...proposal.object, metadata: { ...proposal.object.metadata, resourceVersion } }
      await scope.allocator?.release(entry.object)
      return { ...resultOfObject(last), removed: true }
    }
    const entry = await scope.store.update(key, (current) => {
      check(current)
      return proposal.object
    })
    return resultOfEntry(entry)
  } catch (error) {
    throw failureOf(scope, ref, error)
  }
}

function failureOf(scope: ResourceScope, ref: ObjectRef, error: unknown): unknown {
  return error instanceof RevisionMismatchError ? notFound(scope.resource, ref.name) : storeFailure(error)
}
