import { rmSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { rfc3339, systemClock } from '../util/clock.ts'
import { readClusterFile } from './cluster-file.ts'
import { acquireInstanceLock } from './instance-lock.ts'
import { unmergeKubeconfig } from './kubeconfig.ts'
import { openLog } from './logging.ts'
import { flagValues, parseCommand, usage, type ClusterOptions, type Command } from './options.ts'
import { UsageError } from './usage-error.ts'

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** See `runHeadless`, which loads this once the compile cache is on. */
export async function runCommandLine(argv: string[]): Promise<number> {
  let command: Command
  try {
    command = parseCommand(argv)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    say(error.message)
    return 2
  }
  try {
    switch (command.command) {
      case 'help':
        process.stdout.write(usage)
        return 0
      case 'run':
        return await runCluster(command.options, flagValues(argv, command.options))
      case 'delete':
        return await deleteCluster(command.options)
      case 'unmerge-kubeconfig':
        say(
          unmergeKubeconfig(command.options.name, process.env)
            ? `took the cluster "${command.options.name}" out of the kubeconfig`
            : `the kubeconfig has no cluster "${command.options.name}"`,
        )
        return 0
      case 'backup': {
        const [{ backUp }, { keyFromEnvironment }] = await Promise.all([
          import('./backup/backup-command.ts'),
          import('./encryption-file.ts'),
        ])
        const encryptionKey = keyFromEnvironment(process.env)
        const { dataDirectory } = command.options
        say(await backUp({ dataDirectory, file: command.file, ...(encryptionKey && { encryptionKey }) }))
        return 0
      }
      case 'restore': {
        const { restore } = await import('./backup/restore-command.ts')
        say(restore(command.options.dataDirectory, command.file))
        return 0
      }
      case 'rotate-keys': {
        const { rotateKeys } = await import('./rotate-keys.ts')
        say(await rotateKeys(command.options.dataDirectory))
        return 0
      }
      case 'node': {
        const { switchNode } = await import('./switch-node.ts')
        say(await switchNode(command.options.dataDirectory, command.node, command.action))
        return 0
      }
    }
  } catch (error) {
    say(reasonOf(error, command))
    return 1
  }
}

/** The system says of a full disk neither which file nor which disk it means. */
function reasonOf(error: unknown, command: Command): string {
  if (!(error instanceof Error)) return String(error)
  const isFull = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  if (!isFull || command.command === 'help') return error.message
  return `the disk is full: nothing can be written to ${command.options.dataDirectory}; ${error.message}`
}

/** Runs a cluster until SIGTERM or SIGINT. A second signal ends the process at once. */
async function runCluster(options: ClusterOptions, flags: Record<string, string>): Promise<number> {
  using _lock = acquireInstanceLock(options.dataDirectory, rfc3339(systemClock.now()))
  const { log, close } = openLog(options.dataDirectory, options.logLevel)
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal)
        process.once(signal, () => process.exit(1))
      })
    }
  })
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }))
  try {
    const [{ openStore }, { keyFromEnvironment }] = await Promise.all([
      import('./open-store.ts'),
      import('./encryption-file.ts'),
    ])
    const outside = keyFromEnvironment(process.env)
    const shared = { ...(outside && { encryptionKey: outside }), clock: systemClock, log }
    // The storage thread reads while this one loads the rest.
    const opening = openStore({ ...options, ...shared })
    // Whoever awaits it below hears of a failure.
    opening.catch(() => undefined)
    const { startCluster } = await import('./cluster.ts')
    const cluster = await startCluster({ options, flags, opening, ...shared })
    process.stdout.write(`ready api=${cluster.api} ui=${cluster.ui} kubeconfig=${cluster.kubeconfig}\n`)
    // Now, for what the next start needs is compiled now: by the end V8 has dropped what ran only at the start.
    flushCompileCache()
    const signal = await ended
    log.info('stopping', { signal })
    await cluster.stop()
    log.info('stopped')
    return 0
  } finally {
    await close()
  }
}

async function deleteCluster(options: ClusterOptions): Promise<number> {
  const { dataDirectory } = options
  const file = readClusterFile(dataDirectory)
  if (!file) {
    say(`${dataDirectory} holds no cluster; nothing was removed`)
    return 1
  }
  {
    // Held while removing, so that nobody starts the cluster half-way.
    using _lock = acquireInstanceLock(dataDirectory, rfc3339(systemClock.now()))
    // Without a pod network the cluster never ran on Docker, which then need not be there now.
    if (file.podSubnet) {
      const { removeFromDocker } = await import('./remove-from-docker.ts')
      say(await removeFromDocker(file.id))
    }
    unmergeKubeconfig(file.name, process.env)
  }
  rmSync(dataDirectory, { recursive: true, force: true })
  say(`removed ${dataDirectory}`)
  return 0
}
