import type { FieldError } from '../../api/status.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { invalidFor, required } from '../../api/field-errors.ts'

/** A required value that can be one segment of a URL path, such as the kind or name of a reference. */
export function validatePathSegment(value: string | undefined, path: string): FieldError[] {
  return value ? invalidFor(path, value, pathSegmentProblems(value)) : [required(path)]
}
