import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import {
  agentContainerEnd,
  ensureAgentContainer,
  removeAgentContainer,
  strayProcesses,
} from './node-agent-container.ts'
import { hostFactsScript, parseHostFacts } from './host-facts.ts'
import { logSizesScript, parseLogSizes } from './log-sizes.ts'
import { dialThroughExec } from './node-agent-dial.ts'
import {
  filesScript,
  forgetFlowsScript,
  listensScript,
  overwriteScript,
  pidOf,
} from './node-agent-scripts.ts'
import { createRuleWriter } from './rule-writer.ts'
import { leaveAllRulesScript } from './rules-script.ts'
import { payloadsScript } from './payload-script.ts'
import { createCgroupFinder } from './cgroup-finder.ts'
import type { CgroupLayout } from './cgroup-layout.ts'
import { limitGroupScript, removeGroupScript } from './pod-group.ts'
import { createStatsReader, type StatsReader } from './stats-reader.ts'
import { groupsScript } from './groups-script.ts'
import { parseFile, readFileScript, readLimit } from './read-file-script.ts'
import { parseSubPath, subPathScript } from './sub-path-script.ts'
import { parseUsage, usageScript } from './usage-script.ts'
import type { StaleFlow } from './node-agent-scripts.ts'
import { createShell, ShellLostError } from './node-agent-shell.ts'
import type { Shell } from './node-agent-shell.ts'

export interface NodeAgentOptions {
  docker: Docker
  clusterId: string
  nodeName: string
  /** From `ensureNodeImage`. */
  image: string
  clock: Clock
  log: Logger
}

/** The node agent of the Docker runtime: what the kubelet needs, and what only the pod network asks for. */
export interface DockerNodeAgent extends NodeAgent {
  /**
   * Forgets UDP connections in the network namespace of process `pid` that go to an endpoint which is gone, so that
   * their next packet picks another. Does nothing where the node image has no conntrack.
   */
  forgetFlows(pid: number, flows: StaleFlow[]): Promise<void>
  /** No more rules will be applied for process `pid`, which is about to end or has. */
  leaveRules(pid: number): void
}

/** How many scripts run at once. */
const parallelScripts = 16
/** At most so much is read of what failed for a batch of rulesets. */
const rulesReportBytes = 32 * 1024

/**
 * Starts or adopts this node's agent container and opens the shell stream to it. Both are made again when they die; calls
 * that were under way are repeated once, which is safe because all of them are idempotent. Calls for the same process
 * run in order. Rejects when the engine cannot start the container. `close` removes the container.
 */
export async function startNodeAgent(options: NodeAgentOptions): Promise<DockerNodeAgent> {
  const { docker, clock, log, image } = options
  const owner = { clusterId: options.clusterId, nodeName: options.nodeName }
  let connection: Promise<Connection> | undefined
  let closed = false
  let running = 0
  const queue: Array<() => void> = []
  const lastOf = new Map<number, Promise<void>>()

  async function connect(): Promise<Connection> {
    const opened = await openConnection({ docker, owner, image, clock })
    log.info('node agent connected', { node: owner.nodeName, adopted: opened.adopted })
    void opened.shell.lost.then(() => {
      if (!closed) log.warn('node agent lost; it is started again when next needed', { node: owner.nodeName })
    })
    return opened
  }

  function connected(): Promise<Connection> {
    if (closed) return Promise.reject(new Error('the node agent is closed'))
    connection ??= connect().catch((error: unknown) => {
      connection = undefined
      throw error
    })
    return connection
  }

  async function runOnce<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const used = connected()
    try {
      return await work(await used)
    } catch (error) {
      if (!(error instanceof ShellLostError)) throw error
      if (connection === used) connection = undefined
      return work(await connected())
    }
  }

  async function run(script: string): Promise<void> {
    if (running >= parallelScripts) await new Promise<void>((resolve) => queue.push(resolve))
    running++
    try {
      await runOnce(({ shell }) => shell.run(script))
    } finally {
      running--
      queue.shift()?.()
    }
  }

  function runInOrder(pid: number, script: string): Promise<void> {
    return inOrder(pid, () => run(script))
  }

  function inOrder(pid: number, work: () => Promise<void>): Promise<void> {
    const result = (lastOf.get(pid) ?? Promise.resolve()).then(work)
    const settled = result.catch(() => undefined)
    lastOf.set(pid, settled)
    void settled.then(() => {
      if (lastOf.get(pid) === settled) lastOf.delete(pid)
    })
    return result
  }

  const rules = createRuleWriter({
    read: (script) => runOnce(({ shell }) => shell.read(script, rulesReportBytes)),
    inOrder,
    clock,
  })

  await connected()

  return {
    applyRules: async (pid, ruleset) => rules.apply(pidOf(pid), ruleset),
    leaveRules: (pid) => rules.leave(pid),
    forgetFlows: async (pid, flows) => {
      if (flows.length > 0) await runInOrder(pid, forgetFlowsScript(pid, flows))
    },
    writeFiles: async (pid, root, files) => {
      if (files.length > 0) await runInOrder(pid, filesScript(pid, root, files))
    },
    writePayloads: async (pid, payloads) => {
      if (payloads.length > 0) await runInOrder(pid, payloadsScript(pid, payloads))
    },
    measure: async (pid, paths) =>
      parseUsage(await runOnce(({ shell }) => shell.read(usageScript(pid, paths)))),
    hostFacts: async () => parseHostFacts(await runOnce(({ shell }) => shell.read(hostFactsScript))),
    logBytes: async (ids) => parseLogSizes(await runOnce(({ shell }) => shell.read(logSizesScript(ids)))),
    measureUsage: (targets, groupOf) => runOnce(({ stats }) => stats(targets, groupOf)),
    limitGroup: (group, resources) =>
      runOnce(async ({ shell, layout }) => {
        const known = await layout()
        if (!known) throw new Error('the control groups of the engine cannot be seen')
        await shell.run(limitGroupScript(known, group, resources))
      }),
    removeGroup: (group) =>
      runOnce(async ({ shell, layout }) => {
        const known = await layout()
        if (known) await shell.run(removeGroupScript(known, group))
      }),
    setGroups: async (pid, directories) => {
      if (directories.length > 0) await runInOrder(pid, groupsScript(pid, directories))
    },
    resolveSubPaths: (pid, subPaths) =>
      Promise.all(
        subPaths.map(async (subPath) =>
          parseSubPath(await runOnce(({ shell }) => shell.read(subPathScript(pid, subPath))), subPath),
        ),
      ),
    readFile: async (pid, file) =>
      parseFile(await runOnce(({ shell }) => shell.read(readFileScript(pid, file), readLimit))),
    overwriteFile: async (pid, path, content) => runInOrder(pid, overwriteScript(pid, path, content)),
    async dial(pid, port): Promise<Duplex> {
      const { containerId } = await connected()
      const kill = (process: number): void => {
        // It may have ended by itself in the meantime; then there is nothing to do.
        run(`kill ${process} || :`).catch(() => undefined)
      }
      const dialed = dialThroughExec({ docker, containerId, target: pid, port, kill })
      const [stream, listening] = await Promise.allSettled([dialed, run(listensScript(pid, port))])
      if (stream.status === 'rejected') throw stream.reason
      if (listening.status === 'rejected') {
        stream.value.destroy()
        throw new Error(`port ${port} in the pod: ${(listening.reason as Error).message}`)
      }
      if (stream.value.errored) throw stream.value.errored
      return stream.value
    },
    async close() {
      if (closed) return
      closed = true
      rules.dispose()
      const open = await connection?.catch(() => undefined)
      // In this order: the engine finds one sleeping process and nothing that ends at the same time.
      await open?.shell.run(leaveAllRulesScript).catch(() => undefined)
      await open?.shell.end()
      await removeAgentContainer(docker, owner)
    },
  }
}

interface Connection {
  containerId: string
  adopted: boolean
  shell: Shell
  layout: () => Promise<CgroupLayout | undefined>
  stats: StatsReader
}

interface ConnectionOptions {
  docker: Docker
  owner: { clusterId: string; nodeName: string }
  image: string
  clock: Clock
}

async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const container = await ensureAgentContainer(options)
  try {
    return await openShell(options, container)
  } catch (error) {
    if (!container.adopted) throw error
    // It was ending when it was found.
    await removeAgentContainer(options.docker, options.owner)
    return openShell(options, await ensureAgentContainer(options))
  }
}

async function openShell(
  options: ConnectionOptions,
  container: { id: string; adopted: boolean },
): Promise<Connection> {
  const { docker, clock } = options
  const { id, adopted } = container
  const strays = adopted ? await strayProcesses(docker, id) : []
  const exec = await docker.getContainer(id).exec({
    Cmd: ['/bin/sh'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = await exec.start({ hijack: true, stdin: true })
  const shell = createShell({ stream, clock })
  // The shell is in the host's pid namespace and may outlive the container's main process.
  void agentContainerEnd(docker, id).then(() => shell.close('the node agent container ended'))
  // Of a control plane that was killed: its connections, and what it kept running.
  const killStrays = strays.length > 0 ? `kill -9 ${strays.join(' ')} || :` : ':'
  await shell.run(`${killStrays}\n${leaveAllRulesScript}`)
  const layout = createCgroupFinder(shell, id)
  return { containerId: id, adopted, shell, layout, stats: createStatsReader(shell, layout) }
}
