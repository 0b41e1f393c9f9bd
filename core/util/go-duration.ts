const second = 1_000_000_000n
/** 285 years. */
const mostSeconds = 9_000_000_000

/** A span of nanoseconds as Go's time.Duration turns into text: `1h0m2.5s`, `15ms`, `0s`. */
export function formatGoDuration(nanos: bigint): string {
  if (nanos < 0n) return `-${formatGoDuration(-nanos)}`
  if (nanos === 0n) return '0s'
  if (nanos < 1_000n) return `${nanos}ns`
  if (nanos < 1_000_000n) return `${decimal(nanos, 3)}µs`
  if (nanos < second) return `${decimal(nanos, 6)}ms`
  const [minutes, rest] = [nanos / (60n * second), nanos % (60n * second)]
  const hours = minutes / 60n
  const whole = hours > 0n ? `${hours}h${minutes % 60n}m` : minutes > 0n ? `${minutes}m` : ''
  return `${whole}${decimal(rest, 9)}s`
}

/** Seconds as milliseconds, however many: beyond what Go's durations hold they wrap, as `time.Second * time.Duration(n)` does. */
export function millisecondsOf(seconds: number | bigint): number {
  if (seconds < mostSeconds && seconds > -mostSeconds) return Number(seconds) * 1000
  return Number(BigInt.asIntN(64, BigInt(seconds) * second) / 1_000_000n)
}

/** The same for a span of milliseconds. */
export function formatGoMilliseconds(milliseconds: number): string {
  return formatGoDuration(BigInt(Math.round(milliseconds * 1_000_000)))
}

/** The number divided by a power of ten, without zeros at the end. */
function decimal(nanos: bigint, places: number): string {
  const digits = nanos.toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return `${digits.slice(0, -places)}${fraction && `.${fraction}`}`
}
