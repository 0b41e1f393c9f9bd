/**
 * Quantities (upstream: apimachinery/pkg/api/resource/quantity.go): a decimal number with a binary (Ki … Ei) or
 * decimal (n, u, m, '', k, M, G, T, P, E) suffix or an exponent. Values are kept exact, as nano-units in a bigint.
 */
const NANO = 1_000_000_000n
const decimal: Record<string, bigint> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': NANO,
  k: NANO * 1_000n,
  M: NANO * 1_000n ** 2n,
  G: NANO * 1_000n ** 3n,
  T: NANO * 1_000n ** 4n,
  P: NANO * 1_000n ** 5n,
  E: NANO * 1_000n ** 6n,
}
const binary: Record<string, bigint> = {
  Ki: NANO * 1024n,
  Mi: NANO * 1024n ** 2n,
  Gi: NANO * 1024n ** 3n,
  Ti: NANO * 1024n ** 4n,
  Pi: NANO * 1024n ** 5n,
  Ei: NANO * 1024n ** 6n,
}
const pattern = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?(?:([eE])([+-]?\d{1,2})|([KMGTPE]i|[numkMGTPE])?)$/

const maxKept = 4096
const maxKeptLength = 32

/** The same few quantities are read again and again: at each write of a pod, by the scheduler, by the kubelet. */
function remembered<T>(read: (text: string) => T | undefined): (text: string | number) => T | undefined {
  const known = new Map<string, T | undefined>()
  return (text) => {
    const key = String(text)
    let value = known.get(key)
    if (value === undefined && !known.has(key)) {
      value = read(key)
      if (known.size >= maxKept) known.clear()
      if (key.length <= maxKeptLength) known.set(key, value)
    }
    return value
  }
}

/** Exact value in nano-units, or undefined when `text` is no quantity. Fractions below a nano are rounded up. */
export const parseNano = remembered(readNano)

function readNano(text: string): bigint | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', , exponent, suffix = ''] = match
  if (!whole && !fraction) return undefined
  let numerator = BigInt(whole + fraction || '0') * (binary[suffix] ?? decimal[suffix] ?? NANO)
  let scale = fraction.length - Number(exponent ?? 0)
  if (scale < 0) {
    numerator *= 10n ** BigInt(-scale)
    scale = 0
  }
  const divisor = 10n ** BigInt(scale)
  const value = (numerator + divisor - 1n) / divisor
  return sign === '-' ? -value : value
}

/** Whether `text` is a well-formed quantity. */
export function isQuantity(text: string | number): boolean {
  return parseNano(text) !== undefined
}

/** Whole units, rounded up (bytes for memory, pods for counts). Malformed or absent counts as 0. */
export function quantityValue(text: string | number | undefined): number {
  const nano = text === undefined ? undefined : parseNano(text)
  return nano === undefined ? 0 : Number(ceilDiv(nano, NANO))
}

/** Whole units, rounded up and exact (upstream: Quantity.Value). Malformed counts as 0. */
export function ceilQuantity(text: string | number): bigint {
  return ceilDiv(parseNano(text) ?? 0n, NANO)
}

/** Whole units, written with suffixes of the family that `like` is written in (upstream: NewQuantity). */
export function quantityLike(units: bigint, like: string): string {
  return formatNano(units * NANO, familyOf(like))
}

/** Thousandths, rounded up (millicores for CPU). Malformed or absent counts as 0. */
export function quantityMilli(text: string | number | undefined): number {
  const nano = text === undefined ? undefined : parseNano(text)
  return nano === undefined ? 0 : Number(ceilDiv(nano, 1_000_000n))
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return a >= 0n ? (a + b - 1n) / b : a / b
}

/** -1, 0 or 1. Malformed counts as 0. */
export function compareQuantity(a: string | number, b: string | number): number {
  const left = parseNano(a) ?? 0n
  const right = parseNano(b) ?? 0n
  return left < right ? -1 : left > right ? 1 : 0
}

/** Millicores as a quantity: 1500 → `1500m`, 2000 → `2`. */
export function formatMilli(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}

/** Bytes as a binary quantity with the largest exact suffix: 1048576 → `1Mi`. */
export function formatBytes(bytes: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
  let value = bytes
  let index = 0
  while (value !== 0 && value % 1024 === 0 && index < suffixes.length - 1) {
    value /= 1024
    index++
  }
  return `${value}${suffixes[index]}`
}

/**
 * The canonical form upstream stores and prints: the mantissa is a whole number with the largest fitting suffix of
 * the family the text was written in (`0.5` → `500m`, `1024Mi` → `1Gi`, `1000m` → `1`). Undefined when malformed.
 */
export const canonicalQuantity = remembered((text) => {
  const nano = parseNano(text)
  return nano === undefined ? undefined : formatNano(nano, familyOf(text))
})

/** The canonical form of the quantity rounded up to thousandths (upstream: SetDefaults_ResourceList). Undefined when malformed. */
export const canonicalMilliQuantity = remembered((text) => {
  const nano = parseNano(text)
  return nano === undefined ? undefined : formatNano(ceilDiv(nano, 1_000_000n) * 1_000_000n, familyOf(text))
})

/**
 * The sum in the family of the first, or of the second where the first is zero (upstream: Quantity.Add). Malformed
 * counts as 0.
 */
export function addQuantities(a: string, b: string): string {
  const [left, right] = [parseNano(a) ?? 0n, parseNano(b) ?? 0n]
  return formatNano(left + right, familyOf(left === 0n ? b : a))
}

/** The difference in the family of the first, or of the second where the first is zero. Malformed counts as 0. */
export function subtractQuantities(a: string, b: string): string {
  const [left, right] = [parseNano(a) ?? 0n, parseNano(b) ?? 0n]
  return formatNano(left - right, familyOf(left === 0n ? b : a))
}

/** How a quantity is written: which suffixes it may have. */
type Family = 'binary' | 'decimal' | 'exponent'

function familyOf(text: string | number): Family {
  if (/\d[eE]([+-]?\d+)$/.test(String(text))) return 'exponent'
  return /[KMGTPE]i$/.test(String(text)) ? 'binary' : 'decimal'
}

const decimalPowers = { E: 18, P: 15, T: 12, G: 9, M: 6, k: 3, '': 0, m: -3, u: -6, n: -9 } as const

function formatNano(nano: bigint, family: Family): string {
  if (nano === 0n) return '0'
  if (family === 'binary' && nano % NANO === 0n) {
    for (const suffix of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
      if (nano % binary[suffix]! === 0n) return `${nano / binary[suffix]!}${suffix}`
    }
    return String(nano / NANO)
  }
  for (const suffix of ['E', 'P', 'T', 'G', 'M', 'k', '', 'm', 'u', 'n'] as const) {
    const unit = decimal[suffix]!
    if (nano % unit !== 0n) continue
    const power = decimalPowers[suffix]
    if (family !== 'exponent' || power === 0) return `${nano / unit}${suffix}`
    return `${nano / unit}e${power}`
  }
  return String(nano)
}
