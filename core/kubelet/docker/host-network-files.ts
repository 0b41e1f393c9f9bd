import type { ContainerSpec, SandboxSpec, VolumeFile } from '../runtime/specs.ts'
import { messageVolume } from './termination-message.ts'

/**
 * Containers that share a network namespace also share Docker's files for it. Pods on the network of their node differ in how
 * they resolve names all the same, so each has files of its own, beside its containers' termination messages.
 */
const files = { '/etc/hosts': 'etc-hosts', '/etc/resolv.conf': 'etc-resolv.conf' }

/** What has to be in the sandbox's message volume before a container starts. */
export function hostNetworkFiles(spec: SandboxSpec): VolumeFile[] {
  const contents = { '/etc/hosts': spec.hostsFile, '/etc/resolv.conf': spec.resolvConf }
  return Object.entries(files).map(([path, name]) => ({
    path: name,
    content: Buffer.from(contents[path as keyof typeof files]),
    mode: 0o644,
  }))
}

/** The binds that put them into a container, but where it has a volume of its own there. */
export function hostNetworkBinds(
  spec: ContainerSpec,
  volumes: ReadonlyMap<string, { hostDirectory: string }>,
): string[] {
  const source = volumes.get(messageVolume)
  if (!spec.hostNetwork || !source) return []
  return Object.entries(files)
    .filter(([path]) => !spec.mounts.some((mount) => mount.path === path))
    .map(([path, name]) => `${source.hostDirectory}/${name}:${path}`)
}
