import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerSpec, SeccompProfile } from '../runtime/specs.ts'

type Confinement = Pick<ContainerSpec, 'seccomp' | 'appArmorProfile' | 'seLinux'>

/**
 * The kernel's filters around a container: its own settings over the pod's (upstream: kuberuntime security_context.go).
 * Rejects with CreateContainerError for a seccomp profile that cannot be read, with CreateContainerConfigError for what
 * this runtime cannot give.
 */
export async function confinementOf(
  pod: Pod,
  container: Container,
  options: { seccompDirectory: string | undefined },
): Promise<Confinement> {
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  if (own.procMount === 'Unmasked') {
    const why =
      'procMount Unmasked needs a user namespace, which this runtime cannot give: leave procMount out'
    throw new RuntimeError('CreateContainerConfigError', why)
  }
  const seccomp = own.seccompProfile ?? shared.seccompProfile
  const appArmor = own.appArmorProfile ?? shared.appArmorProfile
  const seLinux = own.seLinuxOptions ?? shared.seLinuxOptions
  const appArmorProfile = appArmor && appArmorName(appArmor)
  return {
    ...(seccomp ? { seccomp: await seccompOf(seccomp, options.seccompDirectory) } : {}),
    ...(appArmorProfile === undefined ? {} : { appArmorProfile }),
    ...(seLinux ? { seLinux } : {}),
  }
}

function appArmorName(profile: { type: string; localhostProfile?: string }): string | undefined {
  if (profile.type === 'Unconfined') return 'unconfined'
  return profile.type === 'Localhost' ? profile.localhostProfile : undefined
}

async function seccompOf(
  profile: { type: string; localhostProfile?: string },
  directory: string | undefined,
): Promise<SeccompProfile> {
  if (profile.type === 'RuntimeDefault') return 'runtimeDefault'
  if (profile.type !== 'Localhost') return 'unconfined'
  const name = profile.localhostProfile ?? ''
  if (directory === undefined) {
    throw new RuntimeError('CreateContainerError', `seccomp profile "${name}": this node keeps no profiles`)
  }
  const path = join(directory, name)
  if (name === '' || normalize(name).startsWith('..')) {
    throw new RuntimeError('CreateContainerError', `seccomp profile "${name}" is not below ${directory}`)
  }
  try {
    return { json: await readFile(path, 'utf8') }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : error
    const message = `cannot load seccomp profile "${path}": open ${path}: ${String(why)}`
    throw new RuntimeError('CreateContainerError', message, { cause: error })
  }
}
