import type { Pod, Secret } from '../../api/generated/core-v1.ts'
import type { ConfigSource } from '../container/config-source.ts'
import type { RegistryAuth } from '../runtime/image-pull.ts'

interface DockerAuth {
  username?: string
  password?: string
  auth?: string
}

const dockerHub = 'index.docker.io'

/** Host (with port) and path of an image without tag and digest; Docker Hub when nothing before the first slash looks like a host. */
function placeOf(image: string): { host: string; path: string } {
  const name = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const [first = '', ...rest] = name.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (!isHost || first === 'docker.io' || first === dockerHub) return { host: dockerHub, path: '' }
  return { host: first, path: `/${rest.join('/')}` }
}

/** What an entry of a Secret is for: a host, in whose parts `*` stands for anything, perhaps with the begin of a path. */
function scopeOf(server: string): { host: string; path: string } {
  const [host = '', ...rest] = server.replace(/^https?:\/\//, '').split('/')
  const path = `/${rest.join('/')}`.replace(/^\/v[12]\//, '/').replace(/\/$/, '')
  const isHub = host === 'docker.io' || host === dockerHub || host === 'registry-1.docker.io'
  // The address that docker login writes for Docker Hub has a version for its path.
  return isHub ? { host: dockerHub, path: '' } : { host, path: /^\/v[12]$/.test(path) ? '' : path }
}

function isFor(scope: { host: string; path: string }, place: { host: string; path: string }): boolean {
  const [scopeHost = '', scopePort] = scope.host.split(':')
  const [host = '', port] = place.host.split(':')
  const wanted = scopeHost.split('.')
  const parts = host.split('.')
  return (
    scopePort === port &&
    wanted.length === parts.length &&
    wanted.every((part, at) => matchesGlob(part, parts[at]!)) &&
    place.path.startsWith(scope.path)
  )
}

function matchesGlob(glob: string, text: string): boolean {
  if (!glob.includes('*')) return glob === text
  const pattern = glob.split('*').map((part) => part.replace(/[^\w-]/g, '\\$&'))
  return new RegExp(`^${pattern.join('.*')}$`).test(text)
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

/**
 * Credentials of the pod's imagePullSecrets that fit the place of `image`, those for a longer name first, as upstream's keyring
 * has them (pkg/credentialprovider/keyring.go). Missing Secrets are named and otherwise passed over.
 */
export async function pullCredentials(
  pod: Pod,
  image: string,
  config: ConfigSource,
): Promise<{ auth: RegistryAuth[]; missing: string[] }> {
  const place = placeOf(image)
  const found: Array<RegistryAuth & { scope: string }> = []
  const missing: string[] = []
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    const secret = name ? await config.secret(pod.metadata.namespace ?? '', name) : undefined
    if (!secret) {
      if (name) missing.push(name)
      continue
    }
    for (const [server, entry] of Object.entries(authsOf(secret))) {
      const scope = scopeOf(server)
      if (!isFor(scope, place)) continue
      const [user = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
        .toString()
        .split(':')
      found.push({
        username: entry.username ?? user,
        password: entry.password ?? rest.join(':'),
        serverAddress: place.host === dockerHub ? server : place.host,
        scope: scope.host + scope.path,
      })
    }
  }
  const inOrder = found.toSorted((a, b) => (a.scope === b.scope ? 0 : a.scope < b.scope ? 1 : -1))
  return { auth: inOrder.map(({ scope: _, ...auth }) => auth), missing }
}
