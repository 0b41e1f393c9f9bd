import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { IssuedCertificate } from './certificate-authority.ts'

/** A certificate that is always valid: issued at start, and again at two thirds of its life. */
export interface CertificateManager extends Disposable {
  /** The certificate to use now. */
  readonly current: IssuedCertificate
  /** Calls `listener` with every later certificate; dispose to stop. */
  onRenewed(listener: (certificate: IssuedCertificate) => void): Disposable
  /** Issues a new one at once, e.g. after the wanted names changed. */
  renew(): Promise<IssuedCertificate>
}

/**
 * How often the clock is looked at. One timer for the whole time would be blind to a clock that is set, or to a machine that
 * slept: timers count running time only, and reach 24 days at most.
 */
const checkMs = 60_000

/** Issues the first certificate and keeps it fresh until disposed. `issue` is called for each one. */
export async function createCertificateManager(options: {
  issue: () => Promise<IssuedCertificate>
  clock: Clock
  log: Logger
}): Promise<CertificateManager> {
  const { issue, clock, log } = options
  const listeners = new Set<(certificate: IssuedCertificate) => void>()
  let current = await issue()
  let renewing = false

  /** Two thirds of its life are over, or the clock was set back to before it. */
  function isDue(): boolean {
    const { notBefore, notAfter } = current
    const now = clock.now()
    return now >= notBefore + ((notAfter - notBefore) * 2) / 3 || now < notBefore
  }
  async function renew(): Promise<IssuedCertificate> {
    current = await issue()
    for (const listener of listeners) listener(current)
    return current
  }
  const timer = clock.every(checkMs, () => {
    if (renewing || !isDue()) return
    renewing = true
    renew()
      .catch((error: unknown) => log.error('certificate could not be renewed; will try again', { error }))
      .finally(() => {
        renewing = false
      })
  })
  return {
    get current() {
      return current
    },
    onRenewed(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    renew,
    [Symbol.dispose]() {
      timer[Symbol.dispose]()
      listeners.clear()
    },
  }
}
