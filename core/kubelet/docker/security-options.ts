import type { ContainerSpec } from '../runtime/specs.ts'

/**
 * Docker's security options for a container. Without a seccomp profile a Kubernetes container is not filtered; Docker's
 * own default is the profile that Kubernetes calls RuntimeDefault.
 */
export function securityOptions(spec: ContainerSpec): string[] {
  const options: string[] = []
  if (spec.noNewPrivileges) options.push('no-new-privileges')
  const { seccomp = 'unconfined', appArmorProfile, seLinux } = spec
  // A privileged container is never filtered; naming a profile for it would filter it after all.
  if (!spec.privileged) {
    if (seccomp === 'unconfined') options.push('seccomp=unconfined')
    else if (seccomp !== 'runtimeDefault') options.push(`seccomp=${seccomp.json}`)
    if (appArmorProfile !== undefined) options.push(`apparmor=${appArmorProfile}`)
  }
  for (const part of ['user', 'role', 'type', 'level'] as const) {
    const value = seLinux?.[part]
    if (value) options.push(`label=${part}:${value}`)
  }
  return options
}
