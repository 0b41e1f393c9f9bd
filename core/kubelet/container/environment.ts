import type { Container, EnvFromSource, EnvVar, FileKeySelector } from '../../api/generated/core-v1.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ConfigSource } from './config-source.ts'
import { secretEntries } from './config-source.ts'
import { envFileValue } from './env-file.ts'
import { expand } from './expansion.ts'
import { fieldValue } from './field-ref.ts'
import type { PodView } from './field-ref.ts'
import { resourceValue } from './resource-field.ts'

export interface EnvironmentOptions {
  view: PodView
  /** Of the node: stands in for limits that are not set. */
  allocatable: Record<string, string>
  config: ConfigSource
  /** The text of a file in a volume of the pod; undefined where none can be read. */
  readFile: (volume: string, path: string) => Promise<string | undefined>
  /** `NAME=value` of Services; the container's own variables win over them. */
  serviceEnvironment: string[]
}

/**
 * The variables of a container, in order: Services, envFrom, env; later ones win (upstream: kubelet makeEnvironmentVariables).
 * A missing ConfigMap, Secret or key that is not optional rejects with CreateContainerConfigError in upstream's words.
 */
export async function buildEnvironment(
  container: Container,
  options: EnvironmentOptions,
): Promise<Map<string, string>> {
  const services = new Map(options.serviceEnvironment.map(splitVariable))
  const own = new Map<string, string>()
  for (const source of container.envFrom ?? []) {
    for (const [name, value] of await readSource(source, options)) own.set(name, value)
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await readValue(variable, { ...options, container })
      : expand(variable.value ?? '', (name) => own.get(name) ?? services.get(name))
    if (value !== undefined) own.set(variable.name, value)
  }
  return new Map([...services, ...own])
}

function splitVariable(line: string): [string, string] {
  const equals = line.indexOf('=')
  return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
}

function configError(message: string): RuntimeError {
  return new RuntimeError('CreateContainerConfigError', message)
}

async function readSource(
  source: EnvFromSource,
  { view, config }: EnvironmentOptions,
): Promise<Array<[string, string]>> {
  const namespace = view.pod.metadata.namespace ?? ''
  const prefix = source.prefix ?? ''
  if (source.configMapRef) {
    const { name = '', optional } = source.configMapRef
    const configMap = await config.configMap(namespace, name)
    if (!configMap && !optional) throw configError(`configmap "${name}" not found`)
    return Object.entries(configMap?.data ?? {}).map(([key, value]) => [prefix + key, value])
  }
  if (source.secretRef) {
    const { name = '', optional } = source.secretRef
    const secret = await config.secret(namespace, name)
    if (!secret && !optional) throw configError(`secret "${name}" not found`)
    if (!secret) return []
    return [...secretEntries(secret)].map(([key, value]) => [prefix + key, value.toString()])
  }
  return []
}

async function readValue(
  variable: EnvVar,
  options: EnvironmentOptions & { container: Container },
): Promise<string | undefined> {
  const { view, config, container, allocatable } = options
  const namespace = view.pod.metadata.namespace ?? ''
  const from = variable.valueFrom!
  if (from.fieldRef) return checked(() => fieldValue(from.fieldRef!.fieldPath, view))
  if (from.resourceFieldRef) {
    const selector = from.resourceFieldRef
    return checked(() => resourceValue(selector, container, allocatable))
  }
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef
    const configMap = await config.configMap(namespace, name)
    if (!configMap && !optional) throw configError(`configmap "${name}" not found`)
    const value = configMap?.data?.[key]
    if (value === undefined && !optional) {
      throw configError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`)
    }
    return value
  }
  if (from.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef
    const secret = await config.secret(namespace, name)
    if (!secret && !optional) throw configError(`secret "${name}" not found`)
    const value = secret && secretEntries(secret).get(key)
    if (value === undefined && !optional) {
      throw configError(`couldn't find key ${key} in Secret ${namespace}/${name}`)
    }
    return value?.toString()
  }
  if (from.fileKeyRef) return readFromFile(from.fileKeyRef, options)
  throw configError(`env "${variable.name}": this valueFrom is not supported`)
}

/** A variable that another container has written to a file of an emptyDir (upstream: FileKeyRef). */
async function readFromFile(
  { volumeName, path, key, optional }: FileKeySelector,
  { view, readFile }: EnvironmentOptions,
): Promise<string | undefined> {
  if (!view.pod.spec.volumes?.some(({ name }) => name === volumeName)) {
    throw configError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`)
  }
  const text = await readFile(volumeName, path)
  if (text === undefined) throw configError("couldn't parse env file")
  let value: string | undefined
  try {
    value = envFileValue(text, key)
  } catch {
    throw configError("couldn't parse env file")
  }
  if (value) return value
  if (optional) return undefined
  throw configError(`environment variable key "${key}" not found in file "${path}"`)
}

function checked(read: () => string): string {
  try {
    return read()
  } catch (error) {
    throw configError((error as Error).message)
  }
}
