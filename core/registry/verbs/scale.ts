import type { KubeObject, ObjectMeta } from '../../api/meta.ts'
import { internalError, invalid } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import { isCustom, type KindDefinition } from '../kind.ts'
import { cloneObject } from '../schema/clone-json.ts'
import type { BodyType } from './body-type.ts'
import type { ResourceScope } from './scope.ts'

/** autoscaling/v1 Scale. */
export interface Scale extends KubeObject {
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

const scaleSchema = 'io.k8s.api.autoscaling.v1.Scale'

/** Scale as a body type. */
export function scaleType(scope: ResourceScope): BodyType {
  const { schemas } = scope
  return { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: schemas.compile(scaleSchema), schemas }
}

type Members = Record<string, unknown>

function readPath(object: KubeObject, path: string): unknown {
  let value: unknown = object
  for (const segment of segmentsOf(path)) {
    const parent = value as Members | undefined
    value = parent && Object.hasOwn(parent, segment) ? parent[segment] : undefined
  }
  return value
}

function segmentsOf(path: string): string[] {
  return path.replace(/^\./, '').split('.')
}

function scaleFacts(definition: KindDefinition): NonNullable<KindDefinition['scale']> {
  if (!definition.scale) throw internalError(`${definition.kind} has no scale`)
  return definition.scale
}

/**
 * The Scale of an object, carrying its identity and resourceVersion. A custom resource must have its replicas set (upstream:
 * registry/customresource/etcd.go ScaleREST).
 */
export function scaleOf(definition: KindDefinition, object: KubeObject): Scale {
  const { specReplicasPath } = scaleFacts(definition)
  if (readPath(object, specReplicasPath) === undefined && isCustom(definition)) {
    throw internalError(`the spec replicas field ${JSON.stringify(specReplicasPath)} does not exist`)
  }
  return currentScale(definition, object)
}

/** The Scale that a change is made to: replicas that are not set are none. */
export function currentScale(definition: KindDefinition, object: KubeObject): Scale {
  const facts = scaleFacts(definition)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as ObjectMeta
  const desired = Number(readPath(object, facts.specReplicasPath) ?? 0)
  const scale: Scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: desired === 0 ? {} : { replicas: desired },
    status: { replicas: Number(readPath(object, facts.statusReplicasPath) ?? 0) },
  }
  const text = facts.selector(object)
  if (text) scale.status.selector = text
  return scale
}

/** A copy of the object with the replicas a Scale asks for. Throws Invalid for a negative number. */
export function applyScale(definition: KindDefinition, object: KubeObject, scale: Scale): KubeObject {
  const replicas = scale.spec.replicas ?? 0
  // A custom resource is judged as a whole, by where its definition has the replicas.
  if (replicas < 0 && !isCustom(definition)) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, object.metadata.name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ])
  }
  const next = cloneObject(object)
  const segments = segmentsOf(scaleFacts(definition).specReplicasPath)
  let parent = next as unknown as Members
  for (const segment of segments.slice(0, -1)) parent = (parent[segment] ??= {}) as Members
  parent[segments.at(-1)!] = replicas
  return next
}
