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

interface Found {
  holder: Record<string, unknown>
  name: string
  /** What holds the holder, and under which name. */
  above: { holder: Record<string, unknown>; name: string } | undefined
}

/** Finds every place of a path that has a value, and stops where `visit` gives true. */
function visitPath(value: unknown, parts: readonly string[], visit: (found: Found) => boolean): boolean {
  const walk = (node: unknown, at: number, above: Found['above']): boolean => {
    if (typeof node !== 'object' || node === null) return false
    const part = parts[at]!
    if (part === '[]' || part === '{}') {
      return Object.values(node).some((item) => walk(item, at + 1, undefined))
    }
    const holder = node as Record<string, unknown>
    const child = holder[part]
    if (child === undefined || child === null) return false
    if (at === parts.length - 1) return visit({ holder, name: part, above })
    return walk(child, at + 1, { holder, name: part })
  }
  return walk(value, 0, undefined)
}

/** Drops from `object` what it may not have; `old` is what is stored, undefined for a new object. */
export function dropGatedFields(
  object: KubeObject,
  old: KubeObject | undefined,
  gated: readonly GatedFields[] | undefined,
): void {
  for (const { paths, isEmptyHolderDropped } of gated ?? []) {
    if (old && paths.some((path) => visitPath(old, partsOf(path), () => true))) continue
    for (const path of paths) {
      // What is dropped is not in the stored object, and so is not shared with it.
      visitPath(object, partsOf(path), ({ holder, name, above }) => {
        delete holder[name]
        if (isEmptyHolderDropped && above && Object.keys(holder).length === 0) delete above.holder[above.name]
        return false
      })
    }
  }
}
