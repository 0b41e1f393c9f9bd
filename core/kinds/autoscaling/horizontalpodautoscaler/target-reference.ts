import type { CrossVersionObjectReference } from '../../../api/generated/autoscaling-v2.ts'
import type { FieldError } from '../../../api/status.ts'
import { validatePathSegment } from '../../validation/path-segment.ts'

/** A reference to an object that can be scaled or measured. */
export function validateTargetReference(
  reference: CrossVersionObjectReference | undefined,
  path: string,
): FieldError[] {
  return [
    ...validatePathSegment(reference?.kind, `${path}.kind`),
    ...validatePathSegment(reference?.name, `${path}.name`),
  ]
}
