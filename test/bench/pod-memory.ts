import { readdirSync, readFileSync } from 'node:fs'
import { run } from '../harness/clients.ts'
import { clusterId, containerNames, type RunningCluster } from '../harness/cluster.ts'
import { processUse } from './process-use.ts'

/**
 * Who holds memory because of pods, in bytes. Of processes that share pages (the same program run many times) each has its part of
 * them (PSS), but for the control plane, which is told as resident.
 */
export interface PodMemory {
  controlPlane: number
  /** dockerd and containerd. */
  engine: number
  /** containerd's shims of the pods' containers, one each. */
  shims: number
  /** What runs in the pods' sandboxes. */
  sandboxes: number
  /** What runs in their containers: the pods' own programs. */
  containers: number
  /** The nodes' agents with all that runs in them, such as nft for each pod. */
  agents: number
  /** All of the machine that is not available, kernel and caches included; also what others do on it. */
  machine: number
}

interface Process {
  pid: string
  parent: string
  command: string[]
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]!
      return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

/** The names of the cluster's containers by their full id. */
async function namesById(cluster: RunningCluster): Promise<Map<string, string>> {
  const filter = `label=io.wheelhouse.cluster=${await clusterId(cluster)}`
  const listed = await run('docker', [
    'ps',
    '--no-trunc',
    '--filter',
    filter,
    '--format',
    '{{.ID}} {{.Names}}',
  ])
  return new Map(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
}

function kindOf(name: string): 'agents' | 'sandboxes' | 'containers' {
  if (name.startsWith('wheelhouse_')) return 'agents'
  return name.startsWith('k8s_POD_') ? 'sandboxes' : 'containers'
}

/** Which part of the memory each process belongs to. */
function sorted(all: readonly Process[], names: ReadonlyMap<string, string>): Map<string, keyof PodMemory> {
  const found = new Map<string, keyof PodMemory>()
  const children = Map.groupBy(all, ({ parent }) => parent)
  const take = (pid: string, kind: keyof PodMemory): void => {
    for (const child of children.get(pid) ?? []) {
      found.set(child.pid, kind)
      take(child.pid, kind)
    }
  }
  for (const { pid, command } of all) {
    const program = command[0]?.split('/').at(-1) ?? ''
    if (program === 'dockerd' || program === 'containerd') found.set(pid, 'engine')
    if (!program.startsWith('containerd-shim')) continue
    const name = names.get(command[command.indexOf('-id') + 1] ?? '')
    if (name === undefined) continue
    const kind = kindOf(name)
    found.set(pid, kind === 'agents' ? kind : 'shims')
    take(pid, kind)
  }
  return found
}

/** Measures now. The engine must run on this machine; an agent reads what only root may. */
export async function podMemory(cluster: RunningCluster): Promise<PodMemory> {
  const kinds = sorted(processes(), await namesById(cluster))
  const [agent] = await containerNames(cluster, /^wheelhouse_agent_/)
  const script = `for p in ${[...kinds.keys()].join(' ')}; do while read -r k n _; do [ $k != Pss: ] || echo $p $n; done </proc/$p/smaps_rollup; done`
  const read = await run('docker', ['exec', agent!, 'sh', '-c', script])
  const memory = { engine: 0, shims: 0, sandboxes: 0, containers: 0, agents: 0 }
  for (const [, pid, kibibytes] of read.stdout.matchAll(/^(\d+) (\d+)$/gm)) {
    memory[kinds.get(pid!) as keyof typeof memory] += Number(kibibytes) * 1024
  }
  const info = readFileSync('/proc/meminfo', 'utf8')
  const amount = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(info)![1]) * 1024
  return {
    controlPlane: processUse(cluster.pid).rssBytes,
    ...memory,
    machine: amount('MemTotal') - amount('MemAvailable'),
  }
}

/** What each of so many pods has added, in MiB. */
export function memoryPerPod(before: PodMemory, after: PodMemory, pods: number): Record<string, number> {
  const parts = Object.keys(before) as Array<keyof PodMemory>
  return Object.fromEntries(
    parts.map((part) => [
      `${part}MiB`,
      Math.round(((after[part] - before[part]) / pods / 2 ** 20) * 100) / 100,
    ]),
  )
}
