import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import type { WriteOptions } from '../registry.ts'
import { attributesOf } from './attributes.ts'
import { createObjectEditor } from './object-editor.ts'
import { admitWrite } from './run-admission.ts'
import { currentScale, scaleType } from './scale.ts'
import type { Scale } from './scale.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'

export interface ScaleChange {
  current: KubeObject
  scale: Scale
  isPatch?: boolean
  options: WriteOptions
}

/** Lets mutating admission see a write to `scale` as what it is, a Scale; `object` of the answer is what came of it. */
export async function admitScale(
  scope: ResourceScope,
  ref: ObjectRef,
  { current, scale, isPatch, options }: ScaleChange,
): Promise<AdmissionAttributes> {
  const { schema, schemas: _unused, ...kind } = scaleType(scope)
  const attributes = attributesOf(scope, ref, {
    operation: 'UPDATE',
    subresource: 'scale',
    object: { ...scale, apiVersion: 'autoscaling/v1', kind: 'Scale' },
    oldObject: currentScale(scope.definition, current),
    body: { kind, editor: createObjectEditor({ ...kind, schema }) },
    isPatch,
    options,
    context: options.context,
  })
  await admitWrite(scope.admission, attributes)
  return attributes
}
