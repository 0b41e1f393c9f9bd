import type { Pressure, Pressures, Stalls } from '../runtime/usage.ts'

const files = ['cpu.pressure', 'memory.pressure', 'io.pressure']

/**
 * Shell command that prints how long members of control groups stalled. Only unified groups know, and only where the kernel
 * counts it; elsewhere nothing is printed.
 */
export function pressureCommand(directories: readonly string[]): string {
  const paths = directories.flatMap((directory) => files.map((file) => `${directory}/${file}`))
  return `grep -Hs '^[sf]' ${paths.join(' ')} /dev/null || :`
}

/** `some avg10=0.12 avg60=0.00 avg300=0.00 total=345`, a line of a file, as counters named after both. */
export function pressureCounters(file: string, line: string): Array<[name: string, value: number]> {
  const [kind = '', ...values] = line.split(' ')
  return values.map((text) => {
    const [name = '', value] = text.split('=')
    return [`${file} ${kind} ${name}`, Number(value)]
  })
}

/** What the counters of a control group tell; undefined where they tell nothing. */
export function pressuresOf(counters: ReadonlyMap<string, number> | undefined): Pressures | undefined {
  if (!counters) return undefined
  const of = (resource: string): Pressure | undefined => {
    const some = stallsOf(counters, `${resource}.pressure some`)
    // The kernel counts these since 5.13 for processors too.
    return some && { some, full: stallsOf(counters, `${resource}.pressure full`) ?? noStalls }
  }
  const [cpu, memory, io] = [of('cpu'), of('memory'), of('io')]
  if (!cpu && !memory && !io) return undefined
  return { ...(cpu && { cpu }), ...(memory && { memory }), ...(io && { io }) }
}

const noStalls: Stalls = { total: 0, avg10: 0, avg60: 0, avg300: 0 }

function stallsOf(counters: ReadonlyMap<string, number>, prefix: string): Stalls | undefined {
  const total = counters.get(`${prefix} total`)
  if (total === undefined) return undefined
  const value = (name: string): number => counters.get(`${prefix} ${name}`) ?? 0
  return { total, avg10: value('avg10'), avg60: value('avg60'), avg300: value('avg300') }
}
