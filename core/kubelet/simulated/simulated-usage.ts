import { parseNano, quantityValue } from '../../api/quantity.ts'
import type { Clock } from '../../util/clock.ts'
import { noUsage, type RuntimeUsage, type UsageSample } from '../runtime/usage.ts'
import { duration } from './script.ts'

/** A value from some time after a container's start on. */
interface Step {
  fromMs: number
  quantity: string
}

/**
 * How much a simulated container uses: `250m`, or steps in time such as `100m,2@30s,100m@5m` (each from that long after the
 * start). What cannot be read counts as nothing.
 */
function readUsageScript(text: string | undefined): Step[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const [quantity = '', after] = part.trim().split('@')
    return { quantity, fromMs: duration(after) ?? 0 }
  })
}

/** What a container has used that runs since `startedAt`. */
function simulatedSample(
  script: { cpu: Step[]; memory: Step[] },
  times: { startedAt: number; now: number },
): UsageSample {
  const runningMs = times.now - times.startedAt
  const bytes = quantityValue(script.memory.findLast(({ fromMs }) => fromMs <= runningMs)?.quantity)
  let cpuNanoSeconds = 0
  for (const [index, { fromMs, quantity }] of script.cpu.entries()) {
    const until = Math.min(runningMs, script.cpu[index + 1]?.fromMs ?? Infinity)
    if (until > fromMs) cpuNanoSeconds += (Number(parseNano(quantity) ?? 0n) * (until - fromMs)) / 1000
  }
  return {
    uptimeMs: times.now,
    cpuNanoSeconds: Math.round(cpuNanoSeconds),
    usageBytes: bytes,
    workingSetBytes: bytes,
    rssBytes: bytes,
    pageFaults: 0,
    majorPageFaults: 0,
  }
}

/** A running simulated container, as far as its usage depends on it. */
interface Running {
  id: string
  cpu: string | undefined
  memory: string | undefined
  /** RFC 3339. */
  startedAt: string
}

/** Measures simulated containers; the machine has used what all of them used since the first measurement. */
export function createSimulatedMeter(options: {
  clock: Clock
  memoryBytes: number
}): (containers: Running[]) => RuntimeUsage {
  const { clock, memoryBytes } = options
  let spent = 0
  let last = new Map<string, number>()
  return (containers) => {
    const usage = noUsage()
    const now = clock.now()
    const machine: UsageSample = {
      uptimeMs: now,
      cpuNanoSeconds: 0,
      usageBytes: 0,
      workingSetBytes: 0,
      rssBytes: 0,
      pageFaults: 0,
      majorPageFaults: 0,
    }
    const seen = new Map<string, number>()
    for (const { id, cpu, memory, startedAt } of containers) {
      const script = { cpu: readUsageScript(cpu), memory: readUsageScript(memory) }
      const sample = simulatedSample(script, { startedAt: Date.parse(startedAt), now })
      usage.containers.set(id, sample)
      seen.set(id, sample.cpuNanoSeconds)
      spent += sample.cpuNanoSeconds - (last.get(id) ?? 0)
      machine.usageBytes += sample.usageBytes
      machine.workingSetBytes += sample.workingSetBytes
      machine.rssBytes += sample.rssBytes
    }
    last = seen
    machine.cpuNanoSeconds = spent
    usage.machine = { ...machine, availableBytes: Math.max(0, memoryBytes - machine.workingSetBytes) }
    return usage
  }
}
