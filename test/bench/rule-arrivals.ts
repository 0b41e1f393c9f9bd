import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { run } from '../harness/clients.ts'
import { containerNames, type RunningCluster } from '../harness/cluster.ts'

/** When a change came to the rules of each pod. Changes must be so far apart that each is seen by all. */
export interface RuleArrivals extends AsyncDisposable {
  /** How many pods are followed. */
  readonly pods: number
  /** Forgets what came, and waits for lines like this from now on. */
  await(isTold: (line: string) => boolean): void
  /** By the pod's process, on the clock of `performance`; the first line counts. */
  readonly times: ReadonlyMap<string, number>
  /** When the last such line came from any pod. */
  readonly lastAt: number
}

/** Runs `nft monitor` in the network namespace of each of one node's pods whose sandbox has such a name. */
export async function followRules(cluster: RunningCluster, pattern: RegExp): Promise<RuleArrivals> {
  const [agent] = await containerNames(cluster, /^wheelhouse_agent_/)
  const sandboxes = await containerNames(cluster, pattern)
  const inspected = await run('docker', ['inspect', '--format', '{{.State.Pid}}', ...sandboxes])
  const pids = inspected.stdout.trim().split('\n')
  // A shell would read byte by byte, which for 50 pods takes longer than what is measured.
  const monitors = pids.map(
    (pid) => `nsenter -t ${pid} -n nft monitor | awk '/ (rule|element) / { print ${pid}, $0; fflush() }' &`,
  )
  // What nft says of sets without a name is of no use here, so nobody reads its errors.
  const child = spawn('docker', ['exec', agent!, 'sh', '-c', `${monitors.join('\n')}\nwait`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let times = new Map<string, number>()
  let lastAt = 0
  let isAwaited = (_line: string): boolean => false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const space = line.indexOf(' ')
    if (!isAwaited(line.slice(space + 1))) return
    lastAt = performance.now()
    const pid = line.slice(0, space)
    if (!times.has(pid)) times.set(pid, lastAt)
  })
  return {
    pods: pids.length,
    await(isTold) {
      times = new Map()
      isAwaited = isTold
    },
    get times() {
      return times
    },
    get lastAt() {
      return lastAt
    },
    async [Symbol.asyncDispose]() {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    },
  }
}
