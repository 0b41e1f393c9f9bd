import { isTrue, type RequestInfo } from '../request-info.ts'
import type { ObjectStats } from './object-stats.ts'
import type { WorkEstimate } from './queue-set.ts'

const bytesPerSeat = 100_000
/** A list out of memory is sent piece by piece, and holds no more than this at once. */
const mostStreamedBytes = 1_000_000
const mostListSeats = 100
const mostWriteSeats = 10
const watchesPerSeat = 10
const watchEventMs = 5

const oneSeat: WorkEstimate = { seats: 1, finalSeats: 0, extraMs: 0 }

export interface WorkFacts {
  statsOf: (group: string, version: string, resource: string) => ObjectStats | undefined
  watchesOf: (info: RequestInfo) => number
}

/** Seats a request takes at a level where none may take more than `maxSeats` (upstream: flowcontrol/request). */
export function estimateWork(
  { info, query }: { info: RequestInfo; query: URLSearchParams },
  maxSeats: number,
  facts: WorkFacts,
): WorkEstimate {
  switch (info.verb) {
    case 'list':
    case 'watch': {
      if (!info.isResourceRequest) return oneSeat
      const seats = Math.min(listSeats(info, query, facts), maxSeats, mostListSeats)
      return seats <= 1 ? oneSeat : { seats, finalSeats: 0, extraMs: 0 }
    }
    case 'create':
    case 'update':
    case 'patch':
    case 'delete': {
      if (info.subresource === 'token') return oneSeat
      const watches = facts.watchesOf(info)
      if (watches < watchesPerSeat) return oneSeat
      const wanted = Math.ceil(watches / watchesPerSeat)
      const finalSeats = Math.min(wanted, maxSeats, mostWriteSeats)
      return { seats: 1, finalSeats, extraMs: (wanted * watchEventMs) / finalSeats }
    }
    default:
      return oneSeat
  }
}

function listSeats(info: RequestInfo, query: URLSearchParams, facts: WorkFacts): number {
  const resourceVersion = query.get('resourceVersion') ?? ''
  const isWatch = info.verb === 'watch'
  // A watch from a revision on sends nothing to begin with.
  if (isWatch && !isTrue(query.get('sendInitialEvents')) && resourceVersion !== '' && resourceVersion !== '0')
    return 1
  const stats = facts.statsOf(info.apiGroup, info.apiVersion, info.resource)
  if (!stats) return 1
  const limit = Number(query.get('limit') ?? 0)
  const limited = limit > 0 && limit < stats.count ? limit : stats.count
  const isFromCache = isWatch || (!query.has('continue') && query.get('resourceVersionMatch') !== 'Exact')
  const isSelected = Boolean(query.get('fieldSelector') || query.get('labelSelector'))
  let objects = limited
  if (info.name !== '') objects = 1
  else if (!isFromCache && isSelected) objects = Math.max(limited, stats.count / 2)
  const bytes = objects * stats.averageBytes
  return Math.ceil((isFromCache ? Math.min(bytes, mostStreamedBytes) : bytes) / bytesPerSeat)
}
