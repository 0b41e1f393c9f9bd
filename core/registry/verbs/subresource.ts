import type { KubeObject } from '../../api/meta.ts'
import { failure, methodNotSupported } from '../../api/status.ts'
import type { Verb } from '../kind.ts'
import { groupResource } from '../../api/gvk.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { cloneJson, cloneObject } from '../schema/clone-json.ts'
import { jsonEqual } from '../json-equal.ts'
import { attributesOf } from './attributes.ts'
import { decodeBody } from './decode-body.ts'
import type { BodyType } from './body-type.ts'
import { nextGeneration } from './generation.ts'
import { createObjectEditor } from './object-editor.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { matchNamespace } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { runUpdateCycle } from './update-cycle.ts'
import { validateChange } from './validate-object.ts'
import { resultOfObject } from './write-result.ts'

/** Refuses a write to a subresource the kind does not have, or not with this verb. */
export function requireWritable(
  scope: ResourceScope,
  { subresource, verb }: { subresource: string; verb: Verb },
): void {
  const { definition, resource } = scope
  if (subresource === 'status' && definition.status) return
  if (subresource === 'scale' && definition.scale) return
  const named = definition.subresources?.[subresource]
  if (!named) {
    const what = `${groupResource(resource)}/${subresource}`
    throw failure(404, 'NotFound', `the server could not find the requested resource (${what})`, {})
  }
  if (!named.verbs.includes(verb)) throw methodNotSupported(resource, verb)
}

/**
 * Creates a named subresource such as `pods/binding`: reads the body as its kind, runs admission on it, and stores what
 * the kind makes of the parent object. Answers with a Success Status, as upstream does for bindings and evictions.
 */
export async function createNamedSubresource(
  scope: ResourceScope,
  ref: ObjectRef,
  request: { body: KubeObject; options: WriteOptions },
): Promise<WriteResult> {
  const { options } = request
  const { subresource = '', context } = options
  requireWritable(scope, { subresource, verb: 'create' })
  const named = scope.definition.subresources?.[subresource]
  if (!named) throw methodNotSupported(scope.resource, 'create')
  const type = bodyType(scope, named.body)
  const body = decodeBody(type, request.body, options)
  matchNamespace(body, scope.definition.namespaced ? ref.namespace : undefined)
  const attributes = attributesOf(scope, ref, {
    operation: 'CREATE',
    subresource,
    object: body,
    oldObject: undefined,
    body: { kind: named.body, editor: createObjectEditor(type) },
    options,
    context,
  })
  await admitWrite(scope.admission, attributes)
  const admitted = attributes.object ?? body
  named.check?.(admitted, ref.name)
  await validateAdmission(scope.admission, attributes)
  await runUpdateCycle(scope, ref, {
    dryRun: context.dryRun,
    propose: async ({ object: old }) => {
      const next = named.apply(cloneObject(old), cloneJson(admitted), context)
      const generation = nextGeneration(scope.definition, next, old)
      if (generation !== undefined) next.metadata.generation = generation
      validateChange(scope, { object: next, old, subresource })
      return { object: jsonEqual(next, old) ? old : next }
    },
  })
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return resultOfObject(status as unknown as KubeObject)
}

/** The type of a subresource's body. */
export function bodyType(
  scope: ResourceScope,
  body: { group: string; version: string; kind: string; schema?: string },
): BodyType {
  const packageName = body.group === '' ? 'core' : body.group.split('.')[0]!
  const schema = body.schema ?? `io.k8s.api.${packageName}.${body.version}.${body.kind}`
  return { ...body, schema: scope.schemas.compile(schema), schemas: scope.schemas }
}
