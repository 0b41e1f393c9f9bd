/**
 * `npm run bench:start`: what a start costs. Runs the program with the flags of `npm run cluster`, each round once on an empty
 * data directory and once on what that start left, and prints one JSON object: milliseconds and processor time to the ready
 * line, milliseconds to the node being Ready, memory at the ready line and some idle seconds later, how many modules are
 * loaded. `--rounds N` (default 5), `--idle-seconds N` (default 10), `--runtime docker|simulated` (default docker),
 * `--program FILE` another entry, to compare with.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as elapsed } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readAdminKubeconfig } from '../../core/cluster/admin-kubeconfig.ts'
import { clusterCommand } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { BenchClient } from './http-client.ts'
import { percentile } from './measure.ts'
import { nodeFlags, root } from './node-flags.ts'
import { processUse } from './process-use.ts'
import { requireDocker } from '../tools/requirements.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    'idle-seconds': { type: 'string', default: '10' },
    runtime: { type: 'string', default: 'docker' },
    program: { type: 'string' },
  },
})
if (values.runtime === 'docker') requireDocker()
const program = values.program ?? 'core/cluster/headless.ts'
const idleMs = Number(values['idle-seconds']) * 1000
const mib = (bytes: number): number => Math.round(bytes / 2 ** 20)

interface Start {
  readyMs: number
  readyCpuMs: number
  nodeReadyMs: number
  readyMiB: number
  idleMiB: number
  peakMiB: number
  idleCpuPercent: number
}

function launch(dataDirectory: string, flags: string[] = []): ChildProcess & { pid: number } {
  const args = ['--data-dir', dataDirectory, '--runtime', values.runtime, '--log-level', 'error']
  const child = spawn(process.execPath, [...flags, ...nodeFlags, program, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.pid === undefined) throw new Error('the program could not be started')
  return child as ChildProcess & { pid: number }
}

async function readyLine(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout! })) if (line.startsWith('ready ')) return
  throw new Error('the program ended before it was ready')
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
}

/** Waits until every node there is says that it is Ready. */
async function nodesReady(dataDirectory: string): Promise<void> {
  const { server, cert, ...access } = readAdminKubeconfig(dataDirectory)
  const { hostname, port } = new URL(server)
  const client = await BenchClient.open({ ...access, certificate: cert, host: hostname, port: Number(port) })
  await eventually(
    'the nodes are Ready',
    async () => {
      const { body } = await client.request('GET', '/api/v1/nodes')
      const { items } = JSON.parse(body.toString()) as {
        items: Array<{ status?: { conditions?: Array<{ type: string; status: string }> } }>
      }
      return (
        items.length > 0 &&
        items.every(({ status }) =>
          status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
        )
      )
    },
    60_000,
  )
  client.close()
}

async function measureStart(dataDirectory: string): Promise<Start> {
  const began = performance.now()
  const child = launch(dataDirectory)
  await readyLine(child)
  const readyMs = performance.now() - began
  const ready = processUse(child.pid)
  await nodesReady(dataDirectory)
  const nodeReadyMs = performance.now() - began
  const before = processUse(child.pid)
  await elapsed(idleMs)
  const idle = processUse(child.pid)
  await end(child)
  return {
    readyMs,
    readyCpuMs: ready.cpuSeconds * 1000,
    nodeReadyMs,
    readyMiB: mib(ready.rssBytes),
    idleMiB: mib(idle.rssBytes),
    peakMiB: mib(idle.peakRssBytes),
    idleCpuPercent: idleMs > 0 ? ((idle.cpuSeconds - before.cpuSeconds) / idleMs) * 100_000 : 0,
  }
}

/** How many modules are loaded up to the ready line, Node's own left out. Apart, for counting costs time. */
async function countModules(dataDirectory: string): Promise<number> {
  const counter = `import { registerHooks } from 'node:module'
    let count = 0
    registerHooks({ load(url, context, next) { if (url.startsWith('file:')) count++; return next(url, context) } })
    process.once('SIGTERM', () => process.stdout.write('modules ' + count + '\\n'))`
  const child = launch(dataDirectory, ['--import', `data:text/javascript,${encodeURIComponent(counter)}`])
  let count = 0
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('ready ')) child.kill('SIGTERM')
    else if (line.startsWith('modules ')) count = Number(line.split(' ')[1])
  }
  return count
}

/** Median and least of each figure: what else the machine does makes a start slower, never quicker. */
function summary(starts: Start[]): object {
  const keys = Object.keys(starts[0]!) as Array<keyof Start>
  return Object.fromEntries(
    keys.map((key) => {
      const figures = starts.map((start) => start[key])
      return [key, { p50: Math.round(percentile(figures, 0.5)), least: Math.round(Math.min(...figures)) }]
    }),
  )
}

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-bench-start-'))
const fresh: Start[] = []
const again: Start[] = []
let modules = 0
for (let round = 0; round < Number(values.rounds); round++) {
  const dataDirectory = join(directory, String(round))
  try {
    // The first of all fills the compile cache, as a user's first start does; it is no part of the figures.
    if (round === 0) modules = await countModules(join(directory, 'modules'))
    fresh.push(await measureStart(dataDirectory))
    again.push(await measureStart(dataDirectory))
  } finally {
    await clusterCommand(['delete', '--data-dir', dataDirectory])
  }
}
await clusterCommand(['delete', '--data-dir', join(directory, 'modules')])
rmSync(directory, { recursive: true, force: true })
process.stdout.write(
  `${JSON.stringify({ program, runtime: values.runtime, modules, fresh: summary(fresh), again: summary(again) }, null, 2)}\n`,
)
