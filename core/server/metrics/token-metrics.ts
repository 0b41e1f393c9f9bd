import type { TokenObserver } from '../../auth/authn/token-observer.ts'
import type { BoundValue, MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** Metrics of the tokens of ServiceAccounts by upstream's names (pkg/serviceaccount/metrics.go); all begin at 0. */
export function createTokenMetrics(metrics: MetricRegistry): TokenObserver {
  const counter = (name: string, what: string): BoundValue =>
    metrics.counter(`serviceaccount_${name}_total`, `[ALPHA] Uses of ${what}.`).bind({})
  const valid = counter('valid_tokens', 'bound tokens before they are old')
  const stale = counter('stale_tokens', 'bound tokens that should have been replaced')
  const legacy = counter('legacy_tokens', 'tokens in Secrets')
  const manual = counter('legacy_manual_token_uses', 'tokens in Secrets that somebody made')
  const auto = counter('legacy_auto_token_uses', 'tokens in Secrets that ServiceAccounts list')
  const invalid = counter('invalid_legacy_auto_token_uses', 'tokens in Secrets that were declared invalid')
  return {
    bound: (isStale) => void (isStale ? stale : valid).value++,
    legacy(isListed) {
      legacy.value++
      ;(isListed ? auto : manual).value++
    },
    invalidated: () => void invalid.value++,
  }
}
