import { posix } from 'node:path'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { RuntimeError } from '../runtime/runtime.ts'
import type { RuntimeVolume } from '../runtime/specs.ts'
import { engineMessage, engineStatus } from './docker-errors.ts'
import type { EngineCall } from './engine-call.ts'
import { label } from './labels.ts'
import type { Owner } from './labels.ts'

/** Bits of a file mode as Go has them, which is what the engine's answer carries. */
const goMode = { directory: 2 ** 31, device: 2 ** 26, socket: 2 ** 24, characterDevice: 2 ** 21 }

const probe = '/probe'

interface Checker {
  docker: Docker
  call: EngineCall
  owner: Owner
  /** Reference of the node image. */
  image: string
}

/**
 * Checks what is at the paths of hostPath volumes, and makes what their types ask for (upstream: hostpath
 * host_path.go checkType). The engine's host is looked at through containers that never run, so that it may be another
 * machine than ours. Rejects in upstream's words.
 */
export async function checkHostPaths(checker: Checker, volumes: readonly RuntimeVolume[]): Promise<void> {
  for (const { name, hostPath, hostPathType } of volumes) {
    if (!hostPath || !hostPathType) continue
    const problem = await findProblem(checker, hostPath, hostPathType)
    if (problem !== undefined) throw new RuntimeError('VolumeError', problem, { volume: name })
  }
}

/** Why what is at the path is not what the type asks for. */
async function findProblem(checker: Checker, path: string, type: string): Promise<string | undefined> {
  const wrong = (what: string): string => `hostPath type check failed: ${path} is not ${what}`
  if (type === 'FileOrCreate' && !(await makeFile(checker, path)))
    return `open ${path}: no such file or directory`
  const mode = await lookAt(checker, path, type === 'DirectoryOrCreate')
  switch (type) {
    case 'DirectoryOrCreate':
    case 'Directory':
      return has(mode, goMode.directory) ? undefined : wrong('a directory')
    case 'FileOrCreate':
    case 'File':
      return isFile(mode) ? undefined : wrong('a file')
    case 'Socket':
      return has(mode, goMode.socket) ? undefined : wrong('a socket file')
    case 'CharDevice':
      return has(mode, goMode.characterDevice) ? undefined : wrong('a character device')
    case 'BlockDevice': {
      const isBlock = has(mode, goMode.device) && !has(mode, goMode.characterDevice)
      return isBlock ? undefined : wrong('a block device')
    }
    default:
      return mode === undefined ? `path "${path}" does not exist` : undefined
  }
}

function has(mode: number | undefined, bit: number): boolean {
  return mode !== undefined && Math.floor(mode / bit) % 2 === 1
}

function isFile(mode: number | undefined): boolean {
  if (mode === undefined) return false
  return ![goMode.directory, goMode.device, goMode.socket].some((bit) => has(mode, bit))
}

type HostConfig = NonNullable<Docker.ContainerCreateOptions['HostConfig']>

/** Does something with a container that has a path of the host and never runs; undefined when there is nothing at the path. */
async function withPath<T>(
  checker: Checker,
  mount: Pick<HostConfig, 'Binds' | 'Mounts'>,
  work: (container: Docker.Container) => Promise<T>,
): Promise<T | undefined> {
  const { docker, call, owner, image } = checker
  let container: Docker.Container
  try {
    container = await docker.createContainer({
      Image: image,
      Entrypoint: ['/bin/true'],
      Cmd: [],
      Labels: { [label.cluster]: owner.clusterId, [label.node]: owner.nodeName },
      HostConfig: { NetworkMode: 'none', ...mount },
    })
  } catch (error) {
    if (/bind source path does not exist/.test(engineMessage(error))) return undefined
    throw error
  }
  try {
    return await work(container)
  } finally {
    await call('RemoveContainerError', () => container.remove({ force: true }))
  }
}

function bindOf(path: string): Pick<HostConfig, 'Mounts'> {
  return { Mounts: [{ Type: 'bind', Source: path, Target: probe, ReadOnly: true }] }
}

/** The Go file mode of what is at a path of the engine's host; undefined when nothing is. With `make` a directory is made there. */
function lookAt(checker: Checker, path: string, make = false): Promise<number | undefined> {
  const mount = make ? { Binds: [`${path}:${probe}`] } : bindOf(path)
  return withPath(checker, mount, (container) => modeIn(container, probe))
}

async function modeIn(container: Docker.Container, path: string): Promise<number | undefined> {
  try {
    const response = (await container.infoArchive({ path })) as unknown as { headers: Record<string, string> }
    const text = Buffer.from(response.headers['x-docker-container-path-stat'] ?? '', 'base64').toString(
      'utf8',
    )
    return (JSON.parse(text) as { mode: number }).mode
  } catch (error) {
    if (engineStatus(error) === 404) return undefined
    throw error
  }
}

/** An empty file with mode 0644, as upstream makes it, where nothing is yet; false when its directory is missing. */
async function makeFile(checker: Checker, path: string): Promise<boolean> {
  const name = posix.basename(path)
  const mount = { Mounts: [{ Type: 'bind' as const, Source: posix.dirname(path), Target: probe }] }
  const made = await withPath(checker, mount, async (container) => {
    if ((await modeIn(container, `${probe}/${name}`)) !== undefined) return true
    const archive = pack()
    archive.entry({ name, mode: 0o644 }, '')
    archive.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of archive) chunks.push(chunk as Buffer)
    await container.putArchive(Buffer.concat(chunks), { path: probe })
    return true
  })
  return made ?? false
}
