import type { CustomResourceSubresourceScale } from '../../api/generated/apiextensions-v1.ts'
import { invalidValue } from '../../api/field-errors.ts'
import { goType, goValue, isNumber } from '../../api/go-text.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'

const maxInt32 = 2 ** 31 - 1

/** The replicas asked for must be a 32-bit number (upstream: customresource/validator.go ValidateScaleSpec). */
export function validateScaleSpec(object: KubeObject, scale: CustomResourceSubresourceScale): FieldError[] {
  return replicasErrors(object, scale.specReplicasPath)
}

/** So must those there are, and the selector must be a text (upstream: ValidateScaleStatus). */
export function validateScaleStatus(object: KubeObject, scale: CustomResourceSubresourceScale): FieldError[] {
  const { statusReplicasPath, labelSelectorPath } = scale
  const errors = replicasErrors(object, statusReplicasPath)
  if (!labelSelectorPath) return errors
  const { problem } = valueAt(object, labelSelectorPath, 'string')
  return problem ? [...errors, invalidValue(labelSelectorPath, '', problem)] : errors
}

function replicasErrors(object: KubeObject, path: string): FieldError[] {
  const { value, problem } = valueAt(object, path, 'int64')
  if (problem) return [invalidValue(path, 0, problem)]
  if (!isNumber(value)) return []
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')]
  return value > maxInt32 ? [invalidValue(path, value, `should be less than or equal to ${maxInt32}`)] : []
}

/** The value at a path, or why there can be none (upstream: unstructured.NestedInt64 and its like). */
function valueAt(
  object: KubeObject,
  path: string,
  wanted: 'int64' | 'string',
): { value?: unknown; problem?: string } {
  const names = path.replace(/^\./, '').split('.')
  let value: unknown = object
  for (const [index, name] of names.entries()) {
    if (value === null) return {}
    if (goType(value) !== 'map[string]interface {}')
      return { problem: accessorProblem(names.slice(0, index + 1), value, 'map[string]interface{}') }
    if (!Object.hasOwn(value as object, name)) return {}
    value = (value as Record<string, unknown>)[name]
  }
  return goType(value) === wanted ? { value } : { problem: accessorProblem(names, value, wanted) }
}

function accessorProblem(names: string[], value: unknown, wanted: string): string {
  return `.${names.join('.')} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${wanted}`
}
