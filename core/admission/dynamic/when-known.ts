import type { AdmissionAttributes } from '../../api/request.ts'
import type { Clock } from '../../util/clock.ts'
import { admissionForbidden } from '../admission-forbidden.ts'

/** How long a write waits for the first list of what is registered (upstream: admission.Handler timeToWaitForReady). */
const readyWithinMs = 10_000

/** What follows registrations by watch. */
interface Source {
  hasSynced(): boolean
  whenSynced(): Promise<void>
}

/**
 * Does work once it is known what is registered: at once, nearly always. A write that comes before waits; it is refused
 * with a 403 when that takes too long.
 */
export function whenKnown(
  source: Source,
  { clock, attributes }: { clock: Clock; attributes: AdmissionAttributes },
  work: () => void | Promise<void>,
): void | Promise<void> {
  return source.hasSynced() ? work() : untilKnown(source, clock, attributes).then(work)
}

async function untilKnown(source: Source, clock: Clock, attributes: AdmissionAttributes): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const refuse = (): void => reject(admissionForbidden(attributes, 'not yet ready to handle request'))
  using _timer = clock.after(readyWithinMs, refuse)
  await Promise.race([source.whenSynced(), tooLate])
}
