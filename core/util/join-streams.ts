import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Copies bytes both ways until both directions have ended; an end on one side half-closes the other. A failure on either
 * side destroys both and resolves as well: a reset connection is an ordinary end.
 */
export async function joinStreams(one: Duplex, other: Duplex): Promise<void> {
  const copy = async (from: Duplex, to: Duplex): Promise<void> => {
    try {
      await pipeline(from, to)
    } catch {
      // Which side failed does not matter: neither can be used without the other.
      one.destroy()
      other.destroy()
    }
  }
  for (const stream of [one, other]) {
    // Two pipelines over a socket with what hangs on it already are more than the ten that Node takes for a leak.
    stream.setMaxListeners(0)
    // A socket can still report an error after both copies are done with it.
    stream.on('error', () => undefined)
  }
  await Promise.all([copy(one, other), copy(other, one)])
}
