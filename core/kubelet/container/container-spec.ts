import { createHash } from 'node:crypto'
import type { Container, Pod, VolumeMount } from '../../api/generated/core-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { isSidecar } from '../../api/sidecars.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { ContainerSpec, PodIdentity } from '../runtime/specs.ts'
import { expand } from './expansion.ts'
import { containerResources } from './pod-resources.ts'
import { securityFields } from './security.ts'

/** Hash of what makes a running container out of date when it changes: name and image, as upstream has it. */
export function containerHash(container: Container): string {
  const fields = JSON.stringify({ name: container.name, image: container.image ?? '' })
  return createHash('sha256').update(fields).digest('hex').slice(0, 12)
}

/** Uid, name and namespace of a pod. */
export function podIdentity(pod: Pod): PodIdentity {
  const { uid = '', name, namespace = '' } = pod.metadata
  return { uid, name, namespace }
}

/** The value of an environment variable. */
type Lookup = (name: string) => string | undefined

export interface ContainerSpecOptions {
  pod: Pod
  container: Container
  sandboxId: string
  attempt: number
  image: ImageStatus | undefined
  environment: Map<string, string>
  confinement?: Pick<ContainerSpec, 'seccomp' | 'appArmorProfile' | 'seLinux'>
  /** For an ephemeral container: the container whose processes it is to see. */
  targetId?: string
  runtimeHandler?: string
}

/** Everything the runtime needs to make one container of a pod. Throws CreateContainerConfigError where the pod's spec forbids it. */
export function buildContainerSpec(options: ContainerSpecOptions): ContainerSpec {
  const { pod, container, environment } = options
  const lookup: Lookup = (name) => environment.get(name)
  return {
    pod: podIdentity(pod),
    sandboxId: options.sandboxId,
    name: container.name,
    attempt: options.attempt,
    ...(options.runtimeHandler === undefined ? {} : { runtimeHandler: options.runtimeHandler }),
    image: container.image ?? '',
    ...(container.command?.length ? { command: container.command.map((part) => expand(part, lookup)) } : {}),
    ...(container.args?.length ? { args: container.args.map((part) => expand(part, lookup)) } : {}),
    env: [...environment].map(([name, value]) => `${name}=${value}`),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    ...(container.stdin && container.stdinOnce ? { stdinOnce: true } : {}),
    mounts: (container.volumeMounts ?? []).map((mount) => {
      const subPath = subPathOf(mount, lookup)
      refuseRecursive(mount)
      return {
        volume: mount.name,
        path: mount.mountPath,
        readOnly: (mount.readOnly ?? false) || isReadOnlyVolume(pod, mount.name),
        ...(subPath ? { subPath } : {}),
        ...(mount.mountPropagation && mount.mountPropagation !== 'None'
          ? { propagation: mount.mountPropagation as 'HostToContainer' | 'Bidirectional' }
          : {}),
      }
    }),
    ...containerResources(pod, container),
    ...securityFields(pod, container, options.image),
    ...(runsToEnd(pod, container) && { runsToEnd: true }),
    specHash: containerHash(container),
    labels: {},
    ...options.confinement,
    ...namespaceFields(pod, options.targetId),
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
    terminationMessage: {
      path: container.terminationMessagePath || defaultMessagePath,
      fallBackToLogs: container.terminationMessagePolicy === 'FallbackToLogsOnError',
    },
  }
}

/**
 * No Docker promises that what is mounted below a read-only mount is read-only too; where that is only wished for, a plain
 * one does (upstream: kubelet resolveRecursiveReadOnly).
 */
function refuseRecursive({ name, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly !== 'Enabled') return
  const why = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`
  throw new RuntimeError('CreateContainerConfigError', `failed to resolve recursive read-only mode: ${why}`)
}

function runsToEnd(pod: Pod, container: Container): boolean {
  const { initContainers = [], containers } = pod.spec
  if (initContainers.some(({ name }) => name === container.name)) return !isSidecar(container)
  return controllerOf(pod)?.kind === 'Job' && containers.some(({ name }) => name === container.name)
}

const defaultMessagePath = '/dev/termination-log'

/** Files that the kubelet keeps up to date belong to it, and images stay as they are: containers may only read them. */
function isReadOnlyVolume(pod: Pod, name: string): boolean {
  const volume = pod.spec.volumes?.find((candidate) => candidate.name === name)
  const { configMap, secret, downwardAPI, projected, image } = volume ?? {}
  return Boolean(configMap ?? secret ?? downwardAPI ?? projected ?? image)
}

function namespaceFields(
  pod: Pod,
  targetId: string | undefined,
): Pick<ContainerSpec, 'pid' | 'hostIpc' | 'hostNetwork'> {
  const { hostPID, hostIPC, hostNetwork, shareProcessNamespace } = pod.spec
  const pid = hostPID ? 'node' : shareProcessNamespace ? 'pod' : targetId && { containerId: targetId }
  return {
    ...(pid ? { pid } : {}),
    ...(hostIPC && { hostIpc: true }),
    ...(hostNetwork && { hostNetwork: true }),
  }
}

/** The API server sees to plain sub-paths; what an expression turns into is only known here (upstream: makeMounts). */
function subPathOf(mount: VolumeMount, lookup: Lookup): string | undefined {
  const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, lookup) : mount.subPath
  const refuse = (message: string): never => {
    throw new RuntimeError('CreateContainerConfigError', message)
  }
  if (subPath?.startsWith('/')) refuse(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath?.split('/').includes('..')) {
    refuse(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  }
  return subPath
}

function expandStrictly(text: string, lookup: Lookup): string {
  return expand(text, (name) => {
    const value = lookup(name)
    if (value === undefined) {
      throw new RuntimeError(
        'CreateContainerConfigError',
        `missing value for "${name}" in subPathExpr "${text}"`,
      )
    }
    return value
  })
}
