import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { ContainerSpec } from '../runtime/specs.ts'

type SecurityFields = Pick<
  ContainerSpec,
  | 'privileged'
  | 'readOnlyRootFilesystem'
  | 'noNewPrivileges'
  | 'user'
  | 'capabilities'
  | 'supplementalGroups'
  | 'strictGroups'
>

/**
 * The effective security settings of a container: its own over the pod's. Rejects an image that would run as root
 * against `runAsNonRoot` (upstream: kuberuntime verifyRunAsNonRoot).
 */
export function securityFields(
  pod: Pod,
  container: Container,
  image: ImageStatus | undefined,
): SecurityFields {
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  const user = own.runAsUser ?? shared.runAsUser
  const group = own.runAsGroup ?? shared.runAsGroup
  if (own.runAsNonRoot ?? shared.runAsNonRoot) verifyNonRoot({ pod, container, image, user })
  const groups = [...(shared.supplementalGroups ?? [])]
  if (shared.fsGroup !== undefined) groups.push(shared.fsGroup)
  const add = (own.capabilities?.add ?? []).map(capability)
  const drop = (own.capabilities?.drop ?? []).map(capability)
  return {
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    ...(user === undefined && group === undefined
      ? {}
      : { user: group === undefined ? String(user) : `${user ?? (imageUserOf(image) || '0')}:${group}` }),
    ...(add.length + drop.length > 0 ? { capabilities: { add, drop } } : {}),
    ...(groups.length > 0 ? { supplementalGroups: groups } : {}),
    ...(shared.supplementalGroupsPolicy === 'Strict' ? { strictGroups: true } : {}),
  }
}

function imageUserOf(image: ImageStatus | undefined): string {
  return (image?.user ?? '').split(':')[0]!
}

function capability(name: string): string {
  return name.replace(/^CAP_/, '')
}

function verifyNonRoot(check: {
  pod: Pod
  container: Container
  image: ImageStatus | undefined
  user: number | undefined
}): void {
  const { pod, container, image, user } = check
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`
  if (user === 0) {
    throw new RuntimeError(
      'CreateContainerConfigError',
      `container's runAsUser breaks non-root policy ${where}`,
    )
  }
  if (user !== undefined) return
  const imageUser = imageUserOf(image)
  if (imageUser === '' || imageUser === 'root' || imageUser === '0') {
    throw new RuntimeError(
      'CreateContainerConfigError',
      `container has runAsNonRoot and image will run as root ${where}`,
    )
  }
  if (!/^\d+$/.test(imageUser)) {
    throw new RuntimeError(
      'CreateContainerConfigError',
      `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${where}`,
    )
  }
}
