import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  Volume,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, notFoundValue, required } from '../../../api/field-errors.ts'
import {
  checkConfigMapKey,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvVarName,
} from '../../validation/formats.ts'
import { maskTrailingDash } from '../../validation/generated-name.ts'
import { validateFilePath } from '../volumes/file-paths.ts'
import { validateFieldRef, validateResourceFieldRef } from './downward-validation.ts'
import type { SpecContext } from './spec-context.ts'

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

/** Environment variables of a container (upstream: validation.go ValidateEnv). */
export function validateEnv(
  variables: EnvVar[] | undefined,
  context: SpecContext,
  path: string,
): FieldError[] {
  return (variables ?? []).flatMap((variable, at) => {
    const where = `${path}[${at}]`
    const errors = variable.name
      ? invalidFor(`${where}.name`, variable.name, checkEnvVarName(variable.name))
      : [required(`${where}.name`)]
    if (variable.valueFrom) errors.push(...validateSource(variable, context, `${where}.valueFrom`))
    return errors
  })
}

/**
 * Whole ConfigMaps and Secrets as environment (upstream: validation.go ValidateEnvFrom). What is wrong with the choice
 * of a source is told of the list, not of the item, as upstream.
 */
export function validateEnvFrom(sources: EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap((source, at) => {
    const where = `${path}[${at}]`
    const errors = source.prefix
      ? invalidFor(`${where}.prefix`, source.prefix, checkEnvVarName(source.prefix))
      : []
    const given = (['configMapRef', 'secretRef'] as const).filter((name) => source[name])
    for (const name of given) {
      const target = source[name]?.name
      const problems = checkDns1123Subdomain(maskTrailingDash(target ?? ''))
      errors.push(
        ...(target
          ? invalidFor(`${where}.${name}.name`, target, problems)
          : [required(`${where}.${name}.name`)]),
      )
    }
    if (given.length === 0) {
      errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (given.length > 1) {
      errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}

function validateSource(variable: EnvVar, context: SpecContext, path: string): FieldError[] {
  const source = variable.valueFrom!
  const errors: FieldError[] = []
  if (source.fieldRef) errors.push(...validateFieldRef(source.fieldRef, `${path}.fieldRef`, fieldPaths))
  if (source.resourceFieldRef) {
    errors.push(...validateResourceFieldRef(source.resourceFieldRef, `${path}.resourceFieldRef`))
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const selector = source[name]
    if (selector) errors.push(...validateKeySelector(selector, `${path}.${name}`))
  }
  if (source.fileKeyRef) {
    errors.push(...validateFileKey(source.fileKeyRef, context.volumes, `${path}.fileKeyRef`))
  }
  const why = problemOfChoice(variable, source)
  return why ? [...errors, invalidValue(path, '', why)] : errors
}

function problemOfChoice(variable: EnvVar, source: EnvVarSource): string | undefined {
  const names = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const
  const given = names.filter((name) => source[name])
  if (given.length === 0) {
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  }
  if (variable.value) return 'may not be specified when `value` is not empty'
  return given.length > 1 ? 'may not have more than one field specified at a time' : undefined
}

function validateKeySelector(
  { name = '', key }: { name?: string; key?: string },
  path: string,
): FieldError[] {
  return [
    ...invalidFor(`${path}.name`, name, checkDns1123Subdomain(name)),
    ...(key ? invalidFor(`${path}.key`, key, checkConfigMapKey(key)) : [required(`${path}.key`)]),
  ]
}

/** A variable that an init container has written to a file of an emptyDir. */
function validateFileKey(
  { key, path: file, volumeName }: FileKeySelector,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const errors = key ? invalidFor(`${path}.key`, key, checkEnvVarName(key)) : [required(`${path}.key`)]
  errors.push(...validateFilePath(file, `${path}.path`))
  const where = `${path}.volumeName`
  if (!volumeName) return [...errors, required(where)]
  errors.push(...invalidFor(where, volumeName, checkDns1123Label(volumeName)))
  const volume = volumes.get(volumeName)
  if (!volume) errors.push(notFoundValue(where, volumeName))
  else if (!volume.emptyDir) {
    errors.push(invalidValue(where, volumeName, 'referenced volume must be of type emptyDir'))
  }
  return errors
}
