import { isQuantity, quantityValue } from '../api/quantity.ts'
import { signals, type Amount, type Signal, type Threshold } from '../kubelet/eviction/thresholds.ts'
import { defaultKubeletSettings, type KubeletSettings } from '../kubelet/kubelet-settings.ts'
import { durationOf } from './duration-flag.ts'
import { UsageError } from './usage-error.ts'

/** For `parseArgs`. */
export const kubeletFlags = {
  'eviction-hard': { type: 'string' },
  'eviction-soft': { type: 'string' },
  'eviction-soft-grace-period': { type: 'string' },
  'eviction-minimum-reclaim': { type: 'string' },
  'eviction-pressure-transition-period': { type: 'string' },
  'eviction-max-pod-grace-period': { type: 'string' },
  'image-gc-high-threshold': { type: 'string' },
  'image-gc-low-threshold': { type: 'string' },
  'minimum-image-ttl-duration': { type: 'string' },
  'allowed-unsafe-sysctls': { type: 'string' },
  'pod-max-pids': { type: 'string' },
} as const

export const kubeletUsage = `  --eviction-hard T, --eviction-soft T, --eviction-soft-grace-period G, --eviction-minimum-reclaim R,
  --eviction-pressure-transition-period D, --eviction-max-pod-grace-period S
                        when nodes evict pods, as kubelet's (default: memory.available<100Mi, nodefs.available<10% but
                        at most 2Gi, nodefs.inodesFree<5%)
  --image-gc-high-threshold P, --image-gc-low-threshold P
                        percent of the disk from which on unused images go, and until which (default: from 4Gi free
                        until 8Gi, or 85 and 80 on a small disk)
  --minimum-image-ttl-duration D  how long an unused image stays at least (default: 2m)
  --allowed-unsafe-sysctls S,...  kernel parameters that pods may set beyond the safe ones, such as kernel.msg*
  --pod-max-pids N      how many processes each container of a pod may have (default: -1, as many as it likes)
`

type Values = Record<string, string | boolean | string[] | undefined>

/** Reads upstream's kubelet flags; undefined when none is given. Throws UsageError. */
export function readKubeletFlags(values: Values): KubeletSettings | undefined {
  if (!Object.keys(kubeletFlags).some((flag) => text(values, flag) !== undefined)) return undefined
  const defaults = defaultKubeletSettings
  const age = text(values, 'minimum-image-ttl-duration')
  const transition = text(values, 'eviction-pressure-transition-period')
  const grace = text(values, 'eviction-max-pod-grace-period')
  const thresholds = imageThresholds(values)
  return {
    evictionThresholds: evictionThresholds(values),
    evictionTransitionMs:
      transition === undefined
        ? defaults.evictionTransitionMs
        : durationOf('eviction-pressure-transition-period', transition),
    evictionMaxPodGraceSeconds:
      grace === undefined
        ? defaults.evictionMaxPodGraceSeconds
        : wholeNumber('eviction-max-pod-grace-period', grace, 2 ** 31 - 1),
    imageCollection: {
      minimumAgeMs:
        age === undefined
          ? defaults.imageCollection.minimumAgeMs
          : durationOf('minimum-image-ttl-duration', age),
      ...(thresholds && { thresholds }),
    },
    allowedUnsafeSysctls: unsafeSysctls(values),
    ...podPidsLimit(values),
  }
}

/** Upstream: eviction ParseThresholdConfig. What is given replaces the default thresholds as a whole. */
function evictionThresholds(values: Values): readonly Threshold[] {
  const hard = statements(values, 'eviction-hard', '<')
  const soft = statements(values, 'eviction-soft', '<')
  const graces = new Map(statements(values, 'eviction-soft-grace-period', '='))
  const reclaims = new Map(statements(values, 'eviction-minimum-reclaim', '='))
  const isGiven = (flag: string): boolean => typeof values[flag] === 'string'
  const given: Threshold[] = [
    ...(isGiven('eviction-hard')
      ? hard.map(([signal, value]) => ({ signal, value: amountOf('eviction-hard', value) }))
      : defaultKubeletSettings.evictionThresholds),
    ...soft.map(([signal, value]) => {
      const grace = graces.get(signal)
      if (grace === undefined) {
        throw new UsageError(`grace period must be specified for the soft eviction threshold ${signal}`)
      }
      return {
        signal,
        value: amountOf('eviction-soft', value),
        graceMs: durationOf('eviction-soft-grace-period', grace),
      }
    }),
  ]
  return given.map((threshold) => {
    const reclaim = reclaims.get(threshold.signal)
    return reclaim === undefined
      ? threshold
      : { ...threshold, minimumReclaim: amountOf('eviction-minimum-reclaim', reclaim) }
  })
}

/** `signal<value,…` or `signal=value,…`. */
function statements(values: Values, flag: string, separator: '<' | '='): Array<[Signal, string]> {
  const seen = new Set<string>()
  return parts(values, flag).map((part) => {
    const [signal = '', value = '', ...rest] = part.split(separator)
    if (signal === '' || value === '' || rest.length > 0) {
      throw new UsageError(`--${flag} "${part}": must be SIGNAL${separator}VALUE`)
    }
    if (!isSignal(signal)) throw new UsageError(`--${flag}: unsupported eviction signal ${signal}`)
    if (seen.has(signal)) {
      throw new UsageError(`--${flag}: found duplicate eviction threshold for signal ${signal}`)
    }
    seen.add(signal)
    return [signal, value]
  })
}

function isSignal(text: string): text is Signal {
  return Object.hasOwn(signals, text)
}

function amountOf(flag: string, text: string): Amount {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
  if (percent !== undefined) {
    if (Number(percent) > 100)
      throw new UsageError(`--${flag}: eviction percentage threshold ${text} must be <= 100%`)
    return { part: Number(percent) / 100 }
  }
  if (!isQuantity(text) || quantityValue(text) < 0) {
    throw new UsageError(`--${flag} "${text}": must be a quantity such as 100Mi, or a percentage`)
  }
  return { amount: quantityValue(text) }
}

function imageThresholds(values: Values): { high: number; low: number } | undefined {
  const high = text(values, 'image-gc-high-threshold')
  const low = text(values, 'image-gc-low-threshold')
  if (high === undefined && low === undefined) return undefined
  const read = {
    high: wholeNumber('image-gc-high-threshold', high ?? '85', 100),
    low: wholeNumber('image-gc-low-threshold', low ?? '80', 100),
  }
  if (read.low >= read.high) {
    throw new UsageError(
      `--image-gc-low-threshold ${read.low} must be less than --image-gc-high-threshold ${read.high}`,
    )
  }
  return read
}

/** What the kernel keeps apart for each pod (upstream: kubelet/sysctl namespaces.go). */
const namespaced = [/^kernel\.sem$/, /^kernel\.shm/, /^kernel\.msg/, /^fs\.mqueue\./, /^net\./]

function unsafeSysctls(values: Values): string[] {
  return parts(values, 'allowed-unsafe-sysctls').map((name) => {
    if (!/^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*[.]?\*?$/.test(name)) {
      throw new UsageError(
        `--allowed-unsafe-sysctls "${name}": must be the name of a kernel parameter, or its begin and *`,
      )
    }
    if (!namespaced.some((pattern) => pattern.test(name))) {
      throw new UsageError(`the sysctls ${JSON.stringify(name)} are not known to be namespaced`)
    }
    return name
  })
}

function podPidsLimit(values: Values): { podPidsLimit?: number } {
  const given = text(values, 'pod-max-pids')
  if (given === undefined || given === '-1') return {}
  return { podPidsLimit: wholeNumber('pod-max-pids', given, 2 ** 31 - 1) }
}

function wholeNumber(flag: string, text: string, max: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0 && number <= max) return number
  throw new UsageError(`--${flag} "${text}": must be a whole number from 0 to ${max}`)
}

function parts(values: Values, flag: string): string[] {
  return (text(values, flag) ?? '').split(',').filter((part) => part !== '')
}

function text(values: Values, flag: string): string | undefined {
  const value = values[flag]
  return typeof value === 'string' && value !== '' ? value : undefined
}
