import type { KubeObject } from '../api/meta.ts'

/**
 * Fields behind a feature gate that is off: writes lose them, unless the stored object has any of them already (upstream: the
 * strategies' dropDisabledFields).
 */
export interface GatedFields {
  /** Upstream's name of the feature gate. */
  gate: string
  /** Such as `spec.volumes[].projected.sources[].podCertificate`; `{}` stands for each value of a map. */
  paths: readonly string[]
  /** Whether what holds a field goes with it where it is the only one there. */
  isEmptyHolderDropped?: boolean
}

const split = new Map<string, string[]>()

function partsOf(path: string): string[] {
  let parts = split.get(path)
  if (!parts) {
    parts = path.replaceAll('[]', '.[]').replaceAll('{}', '.{}').split('.')
    split.set(path, parts)
  }
  return parts
}

type Holder = Record<string, unknown>

interface Visit {
  parts: readonly string[]
  /** Is given the holder of a value, and what holds the holder where that is no list or map. True stops the search. */
  found(holder: Holder, above: Holder | undefined): boolean
}

/** Finds every place of a path that has a value. Most paths end early, so that each step costs as little as it can. */
function visitPath(value: unknown, visit: Visit, at = 0, above?: Holder): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { parts } = visit
  const part = parts[at]!
  if (part === '[]' || part === '{}') {
    return Object.values(value).some((item) => visitPath(item, visit, at + 1))
  }
  const holder = value as Holder
  const child = holder[part]
  if (child === undefined || child === null) return false
  return at === parts.length - 1 ? visit.found(holder, above) : visitPath(child, visit, at + 1, holder)
}

/** Drops from `object` what it may not have; `old` is what is stored, undefined for a new object. */
export function dropGatedFields(
  object: KubeObject,
  old: KubeObject | undefined,
  gated: readonly GatedFields[] | undefined,
): void {
  for (const { paths, isEmptyHolderDropped } of gated ?? []) {
    if (old && paths.some((path) => visitPath(old, { parts: partsOf(path), found: () => true }))) continue
    for (const path of paths) {
      const parts = partsOf(path)
      // What is dropped is not in the stored object, and so is not shared with it.
      const found = (holder: Holder, above: Holder | undefined): boolean => {
        delete holder[parts.at(-1)!]
        if (isEmptyHolderDropped && above && Object.keys(holder).length === 0) delete above[parts.at(-2)!]
        return false
      }
      visitPath(object, { parts, found })
    }
  }
}
