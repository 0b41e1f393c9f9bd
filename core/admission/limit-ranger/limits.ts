import type {
  Container,
  LimitRangeItem,
  PersistentVolumeClaimSpec,
  PodSpec,
} from '../../api/generated/core-v1.ts'
import {
  compareQuantity,
  formatBytes,
  formatMilli,
  parseNano,
  quantityMilli,
  quantityValue,
} from '../../api/quantity.ts'

type Amounts = Record<string, string>
interface Usage {
  requests: Amounts
  limits: Amounts
}

/** What a pod's containers, and the pod as a whole, ask for beyond or short of the bounds. */
export function podProblems(spec: PodSpec, items: LimitRangeItem[]): string[] {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return items.flatMap((item) => {
    if (item.type === 'Container')
      return containers.flatMap((container) => problemsOf(usageOf(container), item))
    return item.type === 'Pod' ? problemsOf(podUsage(spec), item) : []
  })
}

/** The same of the storage a claim requests, which has no limit. */
export function claimProblems(spec: PersistentVolumeClaimSpec, items: LimitRangeItem[]): string[] {
  const requests = spec.resources?.requests ?? {}
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...sorted(item.min).flatMap(([name, bound]) =>
        tooLittle(name, bound, { requests, limits: {} }, item.type),
      ),
      ...sorted(item.max).flatMap(([name, bound]) => {
        const intro = `maximum ${name} usage per ${item.type} is ${bound}`
        const asked = requests[name]
        if (asked === undefined) return [`${intro}.  No request is specified`]
        return compareQuantity(asked, bound) > 0 ? [`${intro}, but request is ${asked}`] : []
      }),
    ])
}

function sorted(amounts: Amounts | undefined): [string, string][] {
  return Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

function problemsOf(usage: Usage, item: LimitRangeItem): string[] {
  return [
    ...sorted(item.min).flatMap(([name, bound]) => tooLittle(name, bound, usage, item.type)),
    ...sorted(item.max).flatMap(([name, bound]) => tooMuch(name, bound, usage, item.type)),
    ...sorted(item.maxLimitRequestRatio).flatMap(([name, bound]) => tooFar(name, bound, usage, item.type)),
  ]
}

function tooLittle(name: string, bound: string, { requests, limits }: Usage, type: string): string[] {
  const intro = `minimum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (request === undefined) return [`${intro}.  No request is specified`]
  if (compareQuantity(request, bound) < 0) return [`${intro}, but request is ${request}`]
  if (limit !== undefined && compareQuantity(limit, bound) < 0) return [`${intro}, but limit is ${limit}`]
  return []
}

function tooMuch(name: string, bound: string, { requests, limits }: Usage, type: string): string[] {
  const intro = `maximum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (limit === undefined) return [`${intro}.  No limit is specified`]
  if (compareQuantity(limit, bound) > 0) return [`${intro}, but limit is ${limit}`]
  if (request !== undefined && compareQuantity(request, bound) > 0)
    return [`${intro}, but request is ${request}`]
  return []
}

function tooFar(name: string, bound: string, { requests, limits }: Usage, type: string): string[] {
  const intro = `${name} max limit to request ratio per ${type} is ${bound}`
  const [request, limit] = [requests, limits].map((amounts) => Number(parseNano(amounts[name] ?? '0') ?? 0n))
  if (!request) return [`${intro}, but no request is specified or request is 0`]
  if (!limit) return [`${intro}, but no limit is specified or limit is 0`]
  const ratio = limit / request
  return ratio > Number(parseNano(bound) ?? 0n) / 1e9
    ? [`${intro}, but provided ratio is ${ratio.toFixed(6)}`]
    : []
}

function usageOf({ resources }: Container): Usage {
  return { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }
}

/** The pod as a whole: its containers together, or the greatest init container where that is more. */
function podUsage(spec: PodSpec): Usage {
  const [containers, inits] = [spec.containers ?? [], spec.initContainers ?? []].map((list) =>
    list.map(usageOf),
  )
  const total = (name: keyof Usage): Amounts => {
    const sums = containers!.map((usage) => usage[name]).reduce(add, {})
    return inits!.map((usage) => usage[name]).reduce(greater, sums)
  }
  return { requests: total('requests'), limits: total('limits') }
}

function add(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const before = sum[name]
    if (before === undefined) sum[name] = amount
    else if (name === 'cpu') sum[name] = formatMilli(quantityMilli(before) + quantityMilli(amount))
    else sum[name] = formatBytes(quantityValue(before) + quantityValue(amount))
  }
  return sum
}

function greater(a: Amounts, b: Amounts): Amounts {
  const most = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const before = most[name]
    if (before === undefined || compareQuantity(amount, before) > 0) most[name] = amount
  }
  return most
}
