/**
 * `npm run bench:page`: the page over a long list. A simulated cluster gets many pods that no scheduler takes; Chromium opens their
 * list and scrolls through it while they change. Prints one JSON object: milliseconds from the click to the first rows and to all
 * of them, how smoothly it scrolls, with and without changes, and the MiB of the page's heap after a collection.
 * `--pods N` (default 20000), `--updates N` per second (default 500), `--seconds N` of scrolling (default 10).
 */
import { setTimeout as elapsed } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { parseArgs } from 'node:util'
import { readAdminKubeconfig } from '../../core/cluster/admin-kubeconfig.ts'
import { launchChromium, openPage } from '../harness/browser.ts'
import { disposeCluster, startCluster } from '../harness/cluster.ts'
import { BenchClient } from './http-client.ts'
import { measure, percentile } from './measure.ts'
import { heapFlags } from './node-flags.ts'
import { processUse } from './process-use.ts'

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000' },
    updates: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
  },
})
const podCount = Number(values.pods)
const updatesPerSecond = Number(values.updates)
const scrollSeconds = Number(values.seconds)
const pods = '/api/v1/namespaces/default/pods'
const strategic = 'application/strategic-merge-patch+json'
/** How often a burst of updates is sent. */
const burstMs = 50

const nameOf = (index: number): string => `pod-${String(index).padStart(5, '0')}`

function pod(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nameOf(index), labels: { app: `app-${index % 100}` } },
    spec: { schedulerName: 'none', containers: [{ name: 'main', image: 'busybox' }] },
  })
}

/** Changes pods in turn, so many a second, until the returned function is called; it tells how many were changed a second. */
function startUpdates(clients: BenchClient[]): () => Promise<number> {
  let isOver = false
  let sent = 0
  const began = performance.now()
  const worker = async (client: BenchClient, offset: number): Promise<void> => {
    for (let index = offset; !isOver; index += clients.length) {
      const due = began + (index / updatesPerSecond) * 1000
      const wait = due - performance.now()
      if (wait > 0) await elapsed(Math.max(wait, burstMs))
      if (isOver) return
      const phase = Math.floor(index / podCount) % 2 === 0 ? 'Running' : 'Pending'
      const body = JSON.stringify({ status: { phase, message: `update ${index}` } })
      await client.request('PATCH', `${pods}/${nameOf(index % podCount)}/status`, { body, type: strategic })
      sent++
    }
  }
  const workers = clients.map(worker)
  return async () => {
    isOver = true
    const seconds = (performance.now() - began) / 1000
    await Promise.all(workers)
    return Math.round(sent / seconds)
  }
}

/** Scrolls the list up and down as fast as a hand can and gives the milliseconds between the frames. */
function scroll(page: Page): Promise<number[]> {
  return page.getByRole('grid').evaluate(async (grid, seconds) => {
    const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const times: number[] = []
    let last = await nextFrame()
    const end = last + seconds * 1000
    let step = 64
    while (last < end) {
      if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 1) step = -64
      else if (grid.scrollTop <= 0) step = 64
      grid.scrollTop += step
      const now = await nextFrame()
      times.push(now - last)
      last = now
    }
    return times
  }, scrollSeconds)
}

/** Asks Chromium about the page. Times are the processor's, so that they hold on a busy machine too. */
async function openMetrics(page: Page): Promise<{ taskMs(): Promise<number>; heapMiB(): Promise<number> }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async (wanted: string): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === wanted)?.value ?? 0
  }
  return {
    taskMs: async () => (await read('TaskDuration')) * 1000,
    async heapMiB() {
      await session.send('HeapProfiler.collectGarbage')
      return Math.round((await read('JSHeapUsedSize')) / 2 ** 20)
    },
  }
}

type Metrics = Awaited<ReturnType<typeof openMetrics>>

interface Scrolling {
  framesPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Processor time of the page's main thread. */
  cpuMsPerFrame: number
}

async function measureScrolling(page: Page, metrics: Metrics): Promise<Scrolling> {
  const before = await metrics.taskMs()
  const times = await scroll(page)
  const cpuMs = (await metrics.taskMs()) - before
  return {
    framesPerSecond: Math.round(times.length / scrollSeconds),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    cpuMsPerFrame: Math.round((cpuMs / times.length) * 10) / 10,
  }
}

interface Opened {
  firstRowsMs: number
  allRowsMs: number
  /** Processor time of the cluster's process meanwhile. */
  serverCpuMs: number
}

/** Opens the list of pods; milliseconds from the click to the first rows and to the last. */
async function openList(page: Page): Promise<Opened> {
  const began = performance.now()
  const { cpuSeconds } = processUse(cluster.pid)
  await page.getByRole('navigation').getByRole('link', { name: 'Pods', exact: true }).first().click()
  await page.getByRole('row', { name: /pod-0/ }).first().waitFor({ timeout: 120_000 })
  const firstRowsMs = Math.round(performance.now() - began)
  await page.locator(`[role="grid"][aria-rowcount="${podCount + 1}"]`).waitFor({ timeout: 120_000 })
  return {
    firstRowsMs,
    allRowsMs: Math.round(performance.now() - began),
    serverCpuMs: Math.round((processUse(cluster.pid).cpuSeconds - cpuSeconds) * 1000),
  }
}

const cluster = await startCluster({
  args: ['--name', 'bench-page', '--runtime', 'simulated', '--log-level', 'warn'],
  nodeArgs: heapFlags,
})
const browser = await launchChromium()
try {
  const { server, cert, ...access } = readAdminKubeconfig(cluster.dataDirectory)
  const { hostname, port } = new URL(server)
  const target = { ...access, certificate: cert, host: hostname, port: Number(port) }
  const clients = await Promise.all(Array.from({ length: 16 }, () => BenchClient.open(target)))
  await measure(clients, podCount, (client, index) => client.request('POST', pods, { body: pod(index) }))
  const { page, problems } = await openPage(browser, cluster.ui)
  const metrics = await openMetrics(page)
  const opened = await openList(page)
  const scrolling = await measureScrolling(page, metrics)
  const stop = startUpdates(clients)
  const scrollingUnderUpdates = await measureScrolling(page, metrics)
  const updates = await stop()
  const heapMiB = await metrics.heapMiB()
  // A second look finds the list followed already, as when one comes back to it.
  await page.getByRole('navigation').getByRole('link', { name: 'Nodes', exact: true }).first().click()
  await page
    .getByRole('row', { name: /bench-page/ })
    .first()
    .waitFor()
  const again = await openList(page)
  for (const client of clients) client.close()
  process.stdout.write(
    `${JSON.stringify({ pods: podCount, opened, again, scrolling, updatesPerSecond: updates, scrollingUnderUpdates, heapMiB, problems }, null, 2)}\n`,
  )
} finally {
  await browser.close()
  await disposeCluster(cluster)
}
