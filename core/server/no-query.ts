/** Answers without looking: most requests have no query, and each is asked for a dozen parameters. */
class NoQuery extends URLSearchParams {
  override get(): null {
    return null
  }

  override getAll(): string[] {
    return []
  }

  override has(): boolean {
    return false
  }
}

/** The query of a request that has none. Must not be mutated, as no query may be. */
export const noQuery: URLSearchParams = new NoQuery()
