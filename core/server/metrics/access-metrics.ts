import type { Clock } from '../../util/clock.ts'
import { exponentialBuckets } from '../../util/metrics/buckets.ts'
import type { BoundHistogram, BoundValue, MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { RequestMetrics } from './request-metrics.ts'

const [hour, day] = [3600, 86_400]
const lookupBuckets = exponentialBuckets(0.001, 2, 15)

interface Looked {
  count: BoundValue
  time: BoundHistogram
}

/** How requests log in and what they may do (upstream: endpoints/filters/metrics.go, authentication/request/x509). */
export interface AccessMetrics {
  /** Somebody came in, with a certificate that ends then (milliseconds since 1970) or by other means. */
  succeeded(username: string, ms: number, certificateEnds?: number): void
  failed(ms: number): void
  /** It was looked up whether somebody may do something. */
  authorized(ms: number, isAllowed: boolean): void
}

/** Creates them. */
export function createAccessMetrics(
  registry: MetricRegistry,
  clock: Clock,
  filters: RequestMetrics['filters'],
): AccessMetrics {
  const attempts = registry.counter('authentication_attempts', '[ALPHA] Counter of authenticated attempts.')
  const users = registry.counter(
    'authenticated_user_requests',
    '[ALPHA] Counter of authenticated requests broken out by username.',
  )
  const expirations = registry
    .histogram(
      'apiserver_client_certificate_expiration_seconds',
      '[ALPHA] Distribution of the remaining lifetime on the certificate used to authenticate a request.',
      [
        ...[0, hour / 2, hour, 2 * hour, 6 * hour, 12 * hour],
        ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * day),
      ],
    )
    .bind({})
  const success = attempts.bind({ result: 'success' })
  const failure = attempts.bind({ result: 'failure' })
  const loginTimes = registry.histogram(
    'authentication_duration_seconds',
    '[ALPHA] Seconds that finding out who sent a request took, by result.',
    lookupBuckets,
  )
  const accessTimes = registry.histogram(
    'authorization_duration_seconds',
    '[ALPHA] Seconds that finding out whether a request is allowed took, by result.',
    lookupBuckets,
  )
  const lookups = registry.counter(
    'authorization_attempts_total',
    '[ALPHA] Requests that were or were not allowed, by result.',
  )
  const times = {
    success: loginTimes.bind({ result: 'success' }),
    failure: loginTimes.bind({ result: 'failure' }),
  }
  const [allowed, others] = ['allowed', 'no-opinion'].map((result) => ({
    count: lookups.bind({ result }),
    time: accessTimes.bind({ result }),
  })) as [Looked, Looked]
  return {
    succeeded(username, ms, certificateEnds) {
      success.value++
      times.success.observe(ms / 1000)
      filters.authentication.observe(ms / 1000)
      users.add({ username: shown(username) })
      if (certificateEnds !== undefined) expirations.observe((certificateEnds - clock.now()) / 1000)
    },
    failed(ms) {
      failure.value++
      times.failure.observe(ms / 1000)
      filters.authentication.observe(ms / 1000)
    },
    authorized(ms, isAllowed) {
      const looked = isAllowed ? allowed : others
      looked.count.value++
      looked.time.observe(ms / 1000)
      filters.authorization.observe(ms / 1000)
    },
  }
}

/** Few names only, so that strangers cannot grow the number of series (upstream: compressUsername). */
function shown(username: string): string {
  if (known.has(username)) return username
  return username.includes('@') ? 'email_id' : 'other'
}
const known = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
])
