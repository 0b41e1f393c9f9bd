import { quantityMilli, quantityValue } from '../../core/api/quantity.ts'

/** CPU in millicores and memory in bytes. */
export interface Usage {
  milliCpu: number
  memory: number
}

export type UsageResource = keyof Usage

/** The amounts of a resource list such as `requests` or `usage`; what it does not name is 0. */
export function usageOf(list: Record<string, string> | undefined): Usage {
  return { milliCpu: quantityMilli(list?.cpu), memory: quantityValue(list?.memory) }
}

/** The sum of amounts. */
export function sumUsage(amounts: Iterable<Usage>): Usage {
  const sum: Usage = { milliCpu: 0, memory: 0 }
  for (const { milliCpu, memory } of amounts) {
    sum.milliCpu += milliCpu
    sum.memory += memory
  }
  return sum
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes for reading: `512 KiB`, `1.5 GiB`; three digits at most. */
export function readableBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${short(value)} ${byteUnits[unit]}`
}

/** Millicores for reading: `0m`, `250m`, `1.5` cores. */
export function readableCpu(milli: number): string {
  return milli < 1000 ? `${milli < 10 && milli > 0 ? short(milli) : Math.round(milli)}m` : short(milli / 1000)
}

/** An amount of a resource for reading. */
export function readableAmount(resource: UsageResource, amount: number): string {
  return resource === 'milliCpu' ? readableCpu(amount) : readableBytes(amount)
}

/** `37%` of a total; '' without one. */
export function percentOf(amount: number, total: number): string {
  return total > 0 ? `${Math.round((100 * amount) / total)}%` : ''
}

function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return String(Number(value.toFixed(digits)))
}
