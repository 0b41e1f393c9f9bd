import type { KindDefinition } from '../registry/kind.ts'
import type { Registry } from '../registry/registry.ts'

/**
 * Remembers what is built out of the list of served kinds, and builds it anew once the list has changed (definitions
 * come and go with CustomResourceDefinitions).
 */
export function createKindCache<T>(registry: Registry, build: (kinds: KindDefinition[]) => T): () => T {
  let known: KindDefinition[] | undefined
  let value: T
  return () => {
    const kinds = registry.kinds()
    const before = known
    const same = before?.length === kinds.length && kinds.every((kind, index) => kind === before[index])
    if (!same) {
      value = build(kinds)
      known = [...kinds]
    }
    return value
  }
}
