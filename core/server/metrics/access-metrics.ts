import type { Clock } from '../../util/clock.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

const [hour, day] = [3600, 86_400]

/** How requests log in (upstream: apiserver/pkg/endpoints/filters/metrics.go, authentication/request/x509). */
export interface AccessMetrics {
  /** Somebody came in, with a certificate that ends then (milliseconds since 1970) or by other means. */
  succeeded(username: string, certificateEnds?: number): void
  failed(): void
}

/** Creates them. */
export function createAccessMetrics(registry: MetricRegistry, clock: Clock): AccessMetrics {
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
  return {
    succeeded(username, certificateEnds) {
      success.value++
      users.add({ username: shown(username) })
      if (certificateEnds !== undefined) expirations.observe((certificateEnds - clock.now()) / 1000)
    },
    failed: () => void failure.value++,
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
