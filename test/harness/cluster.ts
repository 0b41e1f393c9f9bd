import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, type CommandResult } from './clients.ts'
import { eventually } from './eventually.ts'

const root = join(import.meta.dirname, '../..')
/** Node's arguments, as in the script `cluster` of package.json but for the limits of the heap. */
const headless = [
  '--require',
  join(root, 'core/cluster/few-malloc-arenas.cjs'),
  '--require',
  join(root, 'core/cluster/compile-cache.cjs'),
  join(root, 'core/cluster/headless.ts'),
]

/** A cluster in a process of its own, started as a user starts it. */
export interface RunningCluster {
  api: string
  /** With the launch token. */
  ui: string
  kubeconfig: string
  dataDirectory: string
  pid: number
  /** Milliseconds from the start of the process to its ready line. */
  readyAfterMs: number
  /** All that went to stderr so far. */
  log(): string
  /** All that went to stdout so far. */
  output(): string
  /** SIGTERM (or another signal), then waits for the end; gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface StartOptions {
  args?: string[]
  env?: Record<string, string>
  dataDirectory?: string
  /** Another file to run instead of headless.ts. */
  program?: string
  /** More of Node's arguments, such as the limits of the heap. */
  nodeArgs?: readonly string[]
  timeoutMs?: number
}

/** A fresh directory for a cluster's data. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'wheelhouse-'))
}

/** Starts `npm run cluster`'s program and waits for its ready line. Throws with its log when it ends instead. */
export async function startCluster(options: StartOptions = {}): Promise<RunningCluster> {
  const dataDirectory = options.dataDirectory ?? temporaryDirectory()
  const began = performance.now()
  const program = options.program === undefined ? headless : [options.program]
  const args = [...(options.nodeArgs ?? []), ...program, '--data-dir', dataDirectory, ...(options.args ?? [])]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    const look = (): void => {
      const match = /^ready api=(\S+) ui=(\S+) kubeconfig=(.+)$/m.exec(stdout)
      if (match) resolve(match)
    }
    child.stdout.on('data', look)
    child.once('exit', (code) =>
      reject(new Error(`the cluster ended with ${code} before it was ready:\n${stderr}`)),
    )
    setTimeout(() => reject(new Error(`no ready line:\n${stderr}`)), options.timeoutMs ?? 60_000).unref()
  })
  return {
    api: ready[1]!,
    ui: ready[2]!,
    kubeconfig: ready[3]!,
    dataDirectory,
    pid: child.pid!,
    readyAfterMs: performance.now() - began,
    log: () => stderr,
    output: () => stdout,
    stop: (signal = 'SIGTERM') => end(child, signal),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await exited
  }
  return child.exitCode
}

/** Runs one of the other commands of `npm run cluster` to its end. */
export function clusterCommand(args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return run(process.execPath, [...headless, ...args], { env })
}

/** Stops a cluster and removes all of it: containers, networks, volumes and data. */
export async function disposeCluster(cluster: RunningCluster): Promise<void> {
  await cluster.stop()
  await clusterCommand(['delete', '--data-dir', cluster.dataDirectory])
  rmSync(cluster.dataDirectory, { recursive: true, force: true })
}

/** What the cluster's containers carry as the label `io.wheelhouse.cluster`. */
export async function clusterId(cluster: RunningCluster): Promise<string> {
  const { id } = JSON.parse(await readText(join(cluster.dataDirectory, 'cluster.json'))) as { id: string }
  return id
}

/** Names of this cluster's containers that match `pattern`, by the Docker command line. */
export async function containerNames(cluster: RunningCluster, pattern: RegExp): Promise<string[]> {
  const filter = `label=io.wheelhouse.cluster=${await clusterId(cluster)}`
  const args = ['ps', '-a', '--filter', filter, '--format', '{{.Names}}']
  const result = await run('docker', args)
  return result.stdout.split('\n').filter((name) => pattern.test(name))
}

async function readText(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(file, 'utf8')
}

/** Waits until no container of this cluster matches. */
export function containersGone(cluster: RunningCluster, pattern: RegExp): Promise<true> {
  return eventually(`no container matches ${pattern}`, async () =>
    (await containerNames(cluster, pattern)).length === 0 ? true : undefined,
  )
}

/** Fetches the page as a browser does: the token becomes a cookie, and the redirect is followed with it. */
export async function fetchPage(ui: string): Promise<Response> {
  const first = await fetch(ui, { redirect: 'manual' })
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
  return fetch(new URL(first.headers.get('location') ?? '/', ui), { headers: { cookie } })
}

/** Waits until every node of the cluster is Ready. */
export async function nodesReady(kubectl: (args: string[]) => Promise<string>): Promise<void> {
  await eventually('a node is registered', async () => (await kubectl(['get', 'nodes', '-o', 'name'])) !== '')
  await kubectl(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=120s'])
}
