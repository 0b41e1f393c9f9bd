import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'

const windowsPipe = '//./pipe/docker_engine'

/** Sockets of the engines a desktop user may have, most usual first. */
function socketCandidates(home: string): string[] {
  const runtimeDirectory = process.env['XDG_RUNTIME_DIR']
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.config/colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    ...(runtimeDirectory ? [join(runtimeDirectory, 'docker.sock')] : []),
  ]
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Absent or broken: the docker command line treats it as empty, so do we.
    return undefined
  }
}

/** The Unix socket of the context chosen with `docker context use`, if it names one. */
function contextSocket(home: string): string | undefined {
  const directory = process.env['DOCKER_CONFIG'] ?? join(home, '.docker')
  const config = readJson(join(directory, 'config.json')) as { currentContext?: string } | undefined
  const context = process.env['DOCKER_CONTEXT'] ?? config?.currentContext
  if (!context || context === 'default') return undefined
  const id = createHash('sha256').update(context).digest('hex')
  const meta = readJson(join(directory, 'contexts/meta', id, 'meta.json')) as
    { Endpoints?: { docker?: { Host?: string } } } | undefined
  const host = meta?.Endpoints?.docker?.Host
  return host?.startsWith('unix://') ? host.slice('unix://'.length) : undefined
}

/** The socket to use now: the chosen context's, else the first candidate that exists, else the standard one. */
function findSocket(home = homedir()): string {
  if (process.platform === 'win32') return windowsPipe
  const chosen = contextSocket(home)
  if (chosen && existsSync(chosen)) return chosen
  return socketCandidates(home).find((path) => existsSync(path)) ?? '/var/run/docker.sock'
}

/**
 * A client of the Docker Engine. DOCKER_HOST (with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH) decides where it is set.
 * Otherwise the socket is looked for at every request, so that an engine installed or started later is found without
 * a restart. Does not connect by itself.
 */
export function connectDocker(): Docker {
  if (process.env['DOCKER_HOST']) return new Docker()
  const docker = new Docker({ socketPath: findSocket() })
  // docker-modem remembers the first path it found; its type does not show the method that does so.
  const modem = docker.modem as unknown as { getSocketPath: () => Promise<string> }
  modem.getSocketPath = () => Promise.resolve(findSocket())
  return docker
}
