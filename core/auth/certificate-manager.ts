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

/** How long to wait before trying again after a failed renewal. */
const retryMs = 60_000

/** Issues the first certificate and keeps it fresh until disposed. `issue` is called for each one. */
export async function createCertificateManager(options: {
  issue: () => Promise<IssuedCertificate>
  clock: Clock
  log: Logger
}): Promise<CertificateManager> {
  const { issue, clock, log } = options
  const listeners = new Set<(certificate: IssuedCertificate) => void>()
  let current = await issue()
  let timer: Disposable | undefined
  let disposed = false

  function schedule(delayMs: number): void {
    timer?.[Symbol.dispose]()
    if (disposed) return
    timer = clock.after(delayMs, () => {
      renew().catch((error: unknown) => {
        log.error('certificate could not be renewed; will try again', { error })
        schedule(retryMs)
      })
    })
  }
  function scheduleRenewal(): void {
    const life = current.notAfter - current.notBefore
    const at = current.notBefore + (life * 2) / 3
    // A timer's reach is limited to about 24 days; an early wake-up only renews early, which does no harm.
    schedule(Math.max(at - clock.now(), 1000))
  }
  async function renew(): Promise<IssuedCertificate> {
    current = await issue()
    scheduleRenewal()
    for (const listener of listeners) listener(current)
    return current
  }
  scheduleRenewal()
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
      disposed = true
      timer?.[Symbol.dispose]()
      listeners.clear()
    },
  }
}
