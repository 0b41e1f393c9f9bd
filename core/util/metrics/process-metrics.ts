import { readdir, readFile } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import type { MetricRegistry } from './metric-registry.ts'

const pageBytes = 4096

/** The process's own metrics, by the names every Prometheus client uses. */
export function addProcessMetrics(registry: MetricRegistry, clock: Clock): void {
  const cpu = registry.counter(
    'process_cpu_seconds_total',
    'Total user and system CPU time spent in seconds.',
  )
  const resident = registry.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')
  const virtual = registry.gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.')
  const files = registry.gauge('process_open_fds', 'Number of open file descriptors.')
  const heap = registry.gauge('nodejs_heap_size_used_bytes', 'Process heap size used in bytes.')
  const start = registry.gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
  )
  start.set({}, clock.now() / 1000 - process.uptime())
  registry.beforePrint(async () => {
    const { user, system } = process.cpuUsage()
    cpu.set({}, (user + system) / 1e6)
    const memory = process.memoryUsage()
    resident.set({}, memory.rss)
    heap.set({}, memory.heapUsed)
    if (process.platform !== 'linux') return
    const [statm, open] = await Promise.all([readFile('/proc/self/statm', 'utf8'), readdir('/proc/self/fd')])
    virtual.set({}, Number(statm.split(' ')[0]) * pageBytes)
    files.set({}, open.length)
  })
}
