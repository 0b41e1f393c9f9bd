import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../api/generated/core-v1.ts'
import { parseNano } from '../../../api/quantity.ts'
import { classAnnotation } from './claim-update.ts'

/** What a claim is accepted with but should not have (upstream: pkg/api/persistentvolumeclaim GetWarningsForPersistentVolumeClaim). */
export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  return [...warnOfClassAnnotation(metadata.annotations), ...warnOfClaimSpec(spec, 'spec')]
}

/** The class has a field of its own, of claims and of volumes. */
export function warnOfClassAnnotation(annotations: Record<string, string> | undefined): string[] {
  if (annotations?.[classAnnotation] === undefined) return []
  return [
    `metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
  ]
}

/** Bytes come whole. */
export function warnOfClaimSpec(spec: PersistentVolumeClaimSpec | undefined, path: string): string[] {
  const size = spec?.resources?.requests?.storage
  if (size === undefined || ((parseNano(size) ?? 0n) / 1_000_000n) % 1000n === 0n) return []
  const why = `fractional byte value ${JSON.stringify(size)} is invalid, must be an integer`
  return [`${path}.resources.requests[storage]: ${why}`]
}
