import type { Usage } from '../kit/amount.ts'

/** Usage over time, oldest first; null where nothing was measured, so that charts show the gap. */
export interface UsageSeries {
  /** Seconds since the epoch. */
  at: number[]
  milliCpu: (number | null)[]
  memory: (number | null)[]
}

interface Frame {
  /** Milliseconds since the epoch. */
  at: number
  /** Place of each key in the arrays; one map serves all frames with the same keys. */
  keys: ReadonlyMap<string, number>
  milliCpu: Float32Array
  memory: Float32Array
}

export interface UsageHistoryOptions {
  /** How far back it goes. */
  spanMs: number
  /** A longer pause between two measurements is shown as a gap. */
  gapMs: number
  /** Frames are dropped early rather than keep more numbers than this. */
  mostValues: number
}

/** What many things used, measured together at the same moments; kept as packed numbers. */
export class UsageHistory {
  #frames: Frame[] = []
  readonly #options: UsageHistoryOptions

  constructor(options: UsageHistoryOptions) {
    this.#options = options
  }

  /** Adds one measurement of everything. */
  record(at: number, usage: ReadonlyMap<string, Usage>): void {
    const { spanMs, gapMs, mostValues } = this.#options
    const last = this.#frames.at(-1)
    if (last && at - last.at > gapMs) this.#frames.push(emptyFrame(last.at + 1))
    this.#frames.push(frameOf(at, usage, last?.keys))
    let values = this.#frames.reduce((sum, frame) => sum + frame.keys.size, 0)
    let dropped = 0
    for (const frame of this.#frames.slice(0, -1)) {
      if (at - frame.at <= spanMs && values <= mostValues) break
      values -= frame.keys.size
      dropped++
    }
    this.#frames.splice(0, dropped)
  }

  /** The sum over some keys at each moment. */
  series(keys: Iterable<string>): UsageSeries {
    const wanted = [...keys]
    return this.#collect((frame) => wanted.flatMap((key) => frame.keys.get(key) ?? []))
  }

  /** The sum over all keys that match at each moment. */
  seriesWhere(matches: (key: string) => boolean): UsageSeries {
    // Frames mostly share their keys, so each set is looked through once.
    const found = new Map<ReadonlyMap<string, number>, number[]>()
    return this.#collect(({ keys }) => {
      let places = found.get(keys)
      if (!places) {
        places = [...keys].filter(([key]) => matches(key)).map(([, place]) => place)
        found.set(keys, places)
      }
      return places
    })
  }

  #collect(placesIn: (frame: Frame) => number[]): UsageSeries {
    const series: UsageSeries = { at: [], milliCpu: [], memory: [] }
    for (const frame of this.#frames) {
      const places = placesIn(frame)
      series.at.push(frame.at / 1000)
      series.milliCpu.push(sumAt(frame.milliCpu, places))
      series.memory.push(sumAt(frame.memory, places))
    }
    return series
  }
}

function emptyFrame(at: number): Frame {
  return { at, keys: new Map(), milliCpu: new Float32Array(), memory: new Float32Array() }
}

function frameOf(at: number, usage: ReadonlyMap<string, Usage>, before?: ReadonlyMap<string, number>): Frame {
  const isSame = before?.size === usage.size && [...usage.keys()].every((key) => before.has(key))
  const keys = isSame ? before : new Map([...usage.keys()].map((key, place) => [key, place]))
  const milliCpu = new Float32Array(keys.size)
  const memory = new Float32Array(keys.size)
  for (const [key, place] of keys) {
    const amounts = usage.get(key)
    milliCpu[place] = amounts?.milliCpu ?? 0
    memory[place] = amounts?.memory ?? 0
  }
  return { at, keys, milliCpu, memory }
}

function sumAt(values: Float32Array, places: number[]): number | null {
  if (places.length === 0) return null
  let sum = 0
  for (const place of places) sum += values[place] ?? 0
  return sum
}
