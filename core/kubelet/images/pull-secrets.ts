import type { Pod, Secret } from '../../api/generated/core-v1.ts'
import type { ConfigSource } from '../container/config-source.ts'
import type { RegistryAuth } from '../runtime/runtime.ts'

interface DockerAuth {
  username?: string
  password?: string
  auth?: string
}

const dockerHub = 'docker.io'

/** The registry an image comes from: what stands before the first slash when it looks like a host, else Docker Hub. */
export function registryOf(image: string): string {
  const first = image.split('/')[0]!
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost')
  return isHost ? first : dockerHub
}

function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').split('/')[0]!
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? dockerHub : host
}

function authsOf(secret: Secret): Record<string, DockerAuth> {
  const read = (key: string): unknown => {
    const text = Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
    try {
      return text === '' ? undefined : JSON.parse(text)
    } catch {
      // A broken Secret gives no credentials; the pull says what it lacks.
      return undefined
    }
  }
  const config = read('.dockerconfigjson') as { auths?: Record<string, DockerAuth> } | undefined
  return config?.auths ?? (read('.dockercfg') as Record<string, DockerAuth> | undefined) ?? {}
}

/** Credentials of the pod's imagePullSecrets that fit the registry of `image`. Missing Secrets are named and otherwise passed over, as upstream. */
export async function pullCredentials(
  pod: Pod,
  image: string,
  config: ConfigSource,
): Promise<{ auth: RegistryAuth[]; missing: string[] }> {
  const registry = registryOf(image)
  const found: RegistryAuth[] = []
  const missing: string[] = []
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    const secret = name ? await config.secret(pod.metadata.namespace ?? '', name) : undefined
    if (!secret) {
      if (name) missing.push(name)
      continue
    }
    for (const [server, entry] of Object.entries(authsOf(secret))) {
      if (hostOf(server) !== registry) continue
      const [user = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
        .toString()
        .split(':')
      found.push({
        username: entry.username ?? user,
        password: entry.password ?? rest.join(':'),
        serverAddress: server,
      })
    }
  }
  return { auth: found, missing }
}
