import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../validation/field-errors.ts'
import {
  checkConfigMapKey,
  checkDns1123Subdomain,
  checkEnvVarName,
  checkQualifiedName,
} from '../../validation/formats.ts'

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

/** Environment variables of a container (upstream: validation.go ValidateEnv). */
export function validateEnv(variables: EnvVar[] | undefined, path: string): FieldError[] {
  return (variables ?? []).flatMap((variable, at) => {
    const where = `${path}[${at}]`
    const errors = variable.name
      ? invalidFor(`${where}.name`, variable.name, checkEnvVarName(variable.name))
      : [required(`${where}.name`)]
    if (variable.valueFrom) errors.push(...validateSource(variable, variable.valueFrom, `${where}.valueFrom`))
    return errors
  })
}

/** Whole ConfigMaps and Secrets as environment (upstream: validation.go ValidateEnvFrom). */
export function validateEnvFrom(sources: EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap((source, at) => {
    const where = `${path}[${at}]`
    const errors = source.prefix
      ? invalidFor(`${where}.prefix`, source.prefix, checkEnvVarName(source.prefix))
      : []
    const given = (['configMapRef', 'secretRef'] as const).filter((name) => source[name])
    for (const name of given) {
      const target = source[name]?.name
      errors.push(
        ...(target
          ? invalidFor(`${where}.${name}.name`, target, checkDns1123Subdomain(target))
          : [required(`${where}.${name}.name`)]),
      )
    }
    if (given.length === 0) {
      errors.push(invalidValue(where, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (given.length > 1) {
      errors.push(invalidValue(where, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}

function validateSource(variable: EnvVar, source: EnvVarSource, path: string): FieldError[] {
  const given = (
    ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const
  ).filter((name) => source[name])
  const errors: FieldError[] = []
  if (source.fieldRef) errors.push(...validateFieldRef(source.fieldRef, `${path}.fieldRef`))
  if (source.resourceFieldRef) {
    errors.push(...validateResourceField(source.resourceFieldRef.resource, `${path}.resourceFieldRef`))
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const key = source[name]?.key
    if (!source[name]) continue
    const where = `${path}.${name}.key`
    errors.push(...(key ? invalidFor(where, key, checkConfigMapKey(key)) : [required(where)]))
  }
  if (given.length === 0) {
    errors.push(
      invalidValue(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    )
  } else if (variable.value) {
    errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'))
  } else if (given.length > 1) {
    errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

/** A field of the pod for a variable, or for a file when `more` names further paths. */
export function validateFieldRef(ref: ObjectFieldSelector, path: string, more: string[] = []): FieldError[] {
  if (!ref.fieldPath) return [required(`${path}.fieldPath`)]
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(ref.fieldPath)
  if (subscript) return invalidFor(path, subscript[2], checkQualifiedName((subscript[2] ?? '').toLowerCase()))
  const supported = more.length > 0 ? more : fieldPaths
  if (supported.includes(ref.fieldPath)) return []
  return [notSupported(`${path}.fieldPath`, ref.fieldPath, supported)]
}

/** A request or limit of a container, as the text of a variable or file. */
export function validateResourceField(resource: string | undefined, path: string): FieldError[] {
  if (!resource) return [required(`${path}.resource`)]
  if (resourceFields.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return []
  return [notSupported(`${path}.resource`, resource, resourceFields)]
}
