import type { AdmissionAttributes } from '../../../api/request.ts'
import { PatchTestFailed } from '../../../api/request.ts'
import type { KubeObject } from '../../../api/meta.ts'
import { serviceUnavailable, StatusError } from '../../../api/status.ts'
import { runtimeCostBudget } from '../../../cel/compile.ts'
import { StructValue } from '../../../cel/values/containers.ts'
import { toJson } from '../../../cel/values/to-json.ts'
import { CelList } from '../../../cel/values/value.ts'
import type { CelValue } from '../../../cel/values/value.ts'
import { createActivation } from '../../expressions/activation.ts'
import type { CompiledMutation, CompiledPolicy } from './compile-policy.ts'
import { checkTypeNames } from './type-names.ts'

/**
 * The object of `view` as a mutation makes it; the same when it leaves it. Throws an Error in upstream's words, which
 * failurePolicy judges (upstream: plugin/policy/mutating/patch).
 */
export function evaluateMutation(
  { variables }: CompiledPolicy,
  { patchType, patch }: CompiledMutation,
  view: AdmissionAttributes,
  inputs: Record<string, unknown>,
): KubeObject {
  const object = view.object!
  const { editor } = view
  if (!editor) {
    throw serviceUnavailable(
      `Resource kind ${view.kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
    )
  }
  const { value, error } = createActivation(inputs, variables, runtimeCostBudget).evaluate(patch)
  if (error !== undefined) throw new Error(error)
  if (patchType === 'ApplyConfiguration') {
    checkTypeNames(value, 'Object')
    const configuration = { ...(toJson(value) as object), apiVersion: object.apiVersion, kind: object.kind }
    return applying('error applying patch', () => editor.applyConfiguration(object, configuration))
  }
  const operations = operationsOf(value)
  try {
    return applying('JSONPath', () => editor.applyJsonPatch(object, operations))
  } catch (problem) {
    if (problem instanceof PatchTestFailed) return object
    throw problem
  }
}

function applying<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StatusError || error instanceof PatchTestFailed) throw error
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function operationsOf(value: CelValue): unknown[] {
  if (!(value instanceof CelList)) {
    throw new Error('type mismatch: JSONPatchType.expression should evaluate to array')
  }
  return [...value].map((operation) => {
    const given = operation instanceof StructValue ? operation.get('value') : undefined
    if (given instanceof StructValue) checkTypeNames(given, given.typeName)
    const made = toJson(operation) as Record<string, unknown>
    return { ...made, ...(made.from === '' && { from: undefined }) }
  })
}
