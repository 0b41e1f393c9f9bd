import { conflict, type StatusError } from '../../api/status.ts'
import { isCustom } from '../kind.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'

/** Where upstream keeps kinds that do not lie under their plural name (pkg/kubeapiserver: SpecialDefaultResourcePrefixes). */
const prefixes: Record<string, string> = {
  '/endpoints': 'services/endpoints',
  '/nodes': 'minions',
  '/replicationcontrollers': 'controllers',
  '/services': 'services/specs',
  'apiextensions.k8s.io/customresourcedefinitions': 'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices': 'apiregistration.k8s.io/apiservices',
  'networking.k8s.io/ingresses': 'ingress',
}

function keyOfObject({ resource, definition }: ResourceScope, { namespace, name }: ObjectRef): string {
  const own = `${resource.group}/${resource.resource}`
  const prefix = prefixes[own] ?? (isCustom(definition) ? own : resource.resource)
  return ['', prefix, ...(namespace ? [namespace] : []), name].join('/')
}

/**
 * Conflict: the object is not the one that a write is meant for, in the words of upstream's store (storage.NewInvalidObjError), with
 * the key that it has there; a dry run does not get as far as where keys are prefixed.
 */
export function preconditionFailed(
  scope: ResourceScope,
  ref: ObjectRef,
  { why, dryRun }: { why: string; dryRun: boolean },
): StatusError {
  const key = `${dryRun ? '' : '/registry'}${keyOfObject(scope, ref)}`
  const detail = `Precondition failed: ${why}`
  return conflict(
    scope.resource,
    ref.name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${detail}`,
  )
}
