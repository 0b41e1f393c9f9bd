import type Docker from 'dockerode'
import { cgroupMount } from './cgroup-layout.ts'
import { containersMount } from './log-sizes.ts'
import { label, ownedFilters } from './labels.ts'
import type { Owner } from './labels.ts'

/** The value of the type label on agents, beside dockershim's `podsandbox` and `container`. */
const agentType = 'agent'
/** Raised when the container is made in another way, so that an older one is not adopted. */
const recipeLabel = 'io.wheelhouse.agent-recipe'
const recipe = '4'

/**
 * What the agent needs and nothing more (measured): SYS_ADMIN to enter namespaces, NET_ADMIN for nft, SYS_CHROOT to enter
 * a mount namespace, the other four to write volume files that belong to other users and groups. Without SYS_PTRACE the kernel
 * lets it enter only processes that have no capability it lacks, so a stale process id cannot lead it into the host.
 */
const capabilities = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_CHROOT', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID']

export interface AgentContainerOptions {
  docker: Docker
  owner: Owner
  image: string
}

/** A running agent container of this node: the one there already (adopted, when its image is the wanted one), else a new one. */
export async function ensureAgentContainer(
  options: AgentContainerOptions,
): Promise<{ id: string; adopted: boolean }> {
  const { docker, owner, image } = options
  const found = await docker.listContainers({ all: true, filters: agentFilters(owner) })
  const usable = found.find(
    (container) =>
      container.State === 'running' && container.Image === image && container.Labels[recipeLabel] === recipe,
  )
  await Promise.all(found.filter((other) => other !== usable).map((other) => remove(docker, other.Id)))
  if (usable) return { id: usable.Id, adopted: true }
  const { DockerRootDir: engineRoot } = (await docker.info()) as { DockerRootDir: string }
  const container = await docker.createContainer({
    name: `wheelhouse_agent_${owner.clusterId}_${owner.nodeName}`,
    Image: image,
    Labels: {
      [label.cluster]: owner.clusterId,
      [label.node]: owner.nodeName,
      [label.type]: agentType,
      [recipeLabel]: recipe,
    },
    // One process without children, and not the shell: what runs beside it comes and goes with the control plane.
    Entrypoint: ['/bin/sleep'],
    Cmd: ['2147483647'],
    StopTimeout: 1,
    HostConfig: {
      PidMode: 'host',
      // As the host counts them: what every container uses is in there, the limits of pods are set there; and, to be read
      // only, how large logs are.
      ...{ CgroupnsMode: 'host' },
      Binds: [`/sys/fs/cgroup:${cgroupMount}`, `${engineRoot}/containers:${containersMount}:ro`],
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      CapAdd: capabilities,
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'size=16m,mode=700' },
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
    },
  })
  try {
    await container.start()
  } catch (error) {
    await remove(docker, container.id)
    throw error
  }
  return { id: container.id, adopted: false }
}

/** Resolves when the container has ended or is gone, also when the engine goes away. */
export async function agentContainerEnd(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).wait({ condition: 'not-running' })
  } catch {
    // The engine cannot be asked any more: whoever relies on the container has to look again in any case.
  }
}

/** Process ids, as the engine's host counts them, of everything in the container but its main process. */
export async function strayProcesses(docker: Docker, id: string): Promise<number[]> {
  const container = docker.getContainer(id)
  const main = (await container.inspect()).State.Pid
  const top = (await container.top({ ps_args: '-eo pid,ppid' })) as { Processes: string[][] | null }
  return (top.Processes ?? [])
    .filter(([, parent]) => Number(parent) !== main)
    .map(([pid]) => Number(pid))
    .filter((pid) => pid > 1 && pid !== main)
}

/** Removes this node's agent container, running or not. Idempotent. */
export async function removeAgentContainer(docker: Docker, owner: Owner): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: agentFilters(owner) })
  await Promise.all(found.map((container) => remove(docker, container.Id)))
}

function agentFilters(owner: Owner): { label: string[] } {
  return ownedFilters(owner, { [label.type]: agentType })
}

async function remove(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).remove({ force: true, v: true })
  } catch (error) {
    const status = (error as { statusCode?: number }).statusCode
    // 404: gone already; 409: its removal is under way.
    if (status !== 404 && status !== 409) throw error
  }
}
