/** Where the agent container has the engine host's control groups, read-only. */
export const cgroupMount = '/host/cgroup'

/** Where the control groups of containers are, as the agent sees them. */
export interface CgroupLayout {
  version: 1 | 2
  /** Directory of a container's CPU accounting. */
  cpu(containerId: string): string
  /** Directory of a container's memory accounting. */
  memory(containerId: string): string
  /** Directory where a container's processes are counted, if they are. */
  pids(containerId: string): string
}

/**
 * Shell script that tells the agent's own control groups and which hierarchies there are. The engine puts all its
 * containers beside each other, so that the agent's place tells everybody's.
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
  return parts.map((_, from) => {
    const template = parts.slice(from).join('/')
    const place = (hierarchy: string) => (id: string) =>
      [cgroupMount, hierarchy, template.replaceAll(agentId, id)].filter((part) => part !== '').join('/')
    return version === 2
      ? { version, cpu: place(''), memory: place(''), pids: place('') }
      : { version, cpu: place('cpuacct'), memory: place('memory'), pids: place('pids') }
  })
}

/** `4:memory:/docker/<id>` → `/docker/<id>`; the unified hierarchy has no controller's name. */
function ownPath(lines: string[], controller: string): string | undefined {
  for (const line of lines) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path !== undefined && controllers!.split(',').includes(controller)) return path
  }
  return undefined
}
