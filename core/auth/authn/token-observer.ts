/** Is told of the tokens of ServiceAccounts that were good, for metrics (upstream: pkg/serviceaccount/metrics.go). */
export interface TokenObserver {
  /** A bound token that has a time from which on it is old was used before that, or after. */
  bound(isStale: boolean): void
  /** A token in a Secret, which a ServiceAccount lists, or somebody made. */
  legacy(isListed: boolean): void
  /** A token in a Secret that was declared invalid. */
  invalidated(): void
}
