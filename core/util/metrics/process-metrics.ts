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
  const mostFiles = registry.gauge('process_max_fds', 'Open file descriptors that the process may have.')
  const mostVirtual = registry.gauge(
    'process_virtual_memory_max_bytes',
    'Virtual memory that the process may have, in bytes.',
  )
  const received = registry.counter(
    'process_network_receive_bytes_total',
    'Bytes that came in over the network, by IP.',
  )
  const sent = registry.counter(
    'process_network_transmit_bytes_total',
    'Bytes that went out over the network, by IP.',
  )
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
    const read = (file: string): Promise<string> => readFile(`/proc/self/${file}`, 'utf8')
    const [statm, open, limits, netstat] = await Promise.all([
      read('statm'),
      readdir('/proc/self/fd'),
      read('limits'),
      read('net/netstat'),
    ])
    virtual.set({}, Number(statm.split(' ')[0]) * pageBytes)
    files.set({}, open.length)
    mostFiles.set({}, softLimit(limits, 'Max open files'))
    mostVirtual.set({}, softLimit(limits, 'Max address space'))
    received.set({}, ipCount(netstat, 'InOctets'))
    sent.set({}, ipCount(netstat, 'OutOctets'))
  })
}

/** What is not limited is as much as 64 bits hold, as with other Prometheus clients. */
function softLimit(limits: string, name: string): number {
  const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(limits)?.[1]
  return value === 'unlimited' ? 2 ** 64 : Number(value)
}

/** A counter of the process's network namespace: a line of names stands before each of values. */
function ipCount(netstat: string, name: string): number {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf(name)])
}
