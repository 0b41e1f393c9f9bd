import { posix } from 'node:path'

/** Where the agent container has the engine host's control groups. */
export const cgroupMount = '/host/cgroup'

/** Where the control groups of containers are, as the agent sees them. */
export interface CgroupLayout {
  version: 1 | 2
  /** Directory of a container's CPU accounting; `group` is the parent it was made in, if not the engine's own. */
  cpu(containerId: string, group?: string): string
  /** Directory of a container's memory accounting. */
  memory(containerId: string, group?: string): string
  /** Directory where a container's processes are counted, if they are. */
  pids(containerId: string, group?: string): string
  /** The directories of a parent itself: those that limit, and a pattern for all there are of it. */
  group(name: string): { cpu: string; memory: string; pids: string; everywhere: string }
}

/**
 * Shell script that tells the agent's own control groups and which hierarchies there are. The engine puts its containers
 * beside each other, or in a named group beside them, so that the agent's place tells everybody's.
 */
export const layoutScript = [
  'cat /proc/self/cgroup',
  `[ -f ${cgroupMount}/cgroup.controllers ] && echo has:unified`,
  `[ -d ${cgroupMount}/cpuacct ] && echo has:cpuacct`,
  `[ -d ${cgroupMount}/memory ] && echo has:memory`,
  ':',
].join('\n')

/**
 * Templates of container directories that may be right, most likely first: an engine that runs in a container itself
 * counts its paths from further up than its mount begins. Undefined when the hierarchies cannot be seen.
 */
export function candidateLayouts(output: string, agentId: string): CgroupLayout[] {
  const lines = output.split('\n')
  const has = (name: string): boolean => lines.includes(`has:${name}`)
  const version = has('unified') ? 2 : has('cpuacct') && has('memory') ? 1 : undefined
  if (version === undefined) return []
  const own = ownPath(lines, version === 2 ? '' : 'memory')
  if (own === undefined || !own.includes(agentId)) return []
  const parts = own.split('/').filter((part) => part !== '')
  return parts.map((_, from) => layoutOf(version, parts.slice(from).join('/'), agentId))
}

function layoutOf(version: 1 | 2, template: string, agentId: string): CgroupLayout {
  const common = posix.dirname(template)
  const groupPath = (name: string): string => posix.join(posix.dirname(common), directoryOf(name))
  const place = (hierarchy: string) => (id: string, group?: string) => {
    const directory = group === undefined ? common : groupPath(group)
    const own = posix.basename(template).replaceAll(agentId, id)
    return posix.join(cgroupMount, hierarchy, directory, own)
  }
  const of = (hierarchy: string, name: string): string => posix.join(cgroupMount, hierarchy, groupPath(name))
  const hierarchies =
    version === 2
      ? { cpu: '', accounting: '', memory: '', pids: '', all: '' }
      : { cpu: 'cpu', accounting: 'cpuacct', memory: 'memory', pids: 'pids', all: '*' }
  return {
    version,
    cpu: place(hierarchies.accounting),
    memory: place(hierarchies.memory),
    pids: place(hierarchies.pids),
    group: (name) => ({
      cpu: of(hierarchies.cpu, name),
      memory: of(hierarchies.memory, name),
      pids: of(hierarchies.pids, name),
      everywhere: of(hierarchies.all, name),
    }),
  }
}

/** `system-podx.slice` is in `system.slice`; other names are paths already. */
function directoryOf(group: string): string {
  const slice = /^([^-]+)-.*\.slice$/.exec(group)
  return slice ? `${slice[1]}.slice/${group}` : group
}

/** `4:memory:/docker/<id>` → `/docker/<id>`; the unified hierarchy has no controller's name. */
function ownPath(lines: string[], controller: string): string | undefined {
  for (const line of lines) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path !== undefined && controllers!.split(',').includes(controller)) return path
  }
  return undefined
}
