/** Remembers what is built out of two things, and builds it anew when either has become another (by identity). */
export function createMergeCache<A, B, T>(
  first: () => A,
  second: () => B,
  build: (a: A, b: B) => T,
): () => T {
  let known: { a: A; b: B; value: T } | undefined
  return () => {
    const a = first()
    const b = second()
    if (known?.a !== a || known.b !== b) known = { a, b, value: build(a, b) }
    return known.value
  }
}
