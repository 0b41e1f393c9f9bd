import { expect, it } from 'vitest'
import { failure, serviceUnavailable } from '../api/status.ts'
import { systemClock } from '../util/clock.ts'
import { summarizeClusters } from './cluster-summaries.ts'
import type { Upstream } from './upstream.ts'

function upstream(id: string, json: () => Promise<unknown>): Upstream {
  return { cluster: { id, name: id, server: 'https://x', builtIn: false }, json } as unknown as Upstream
}

it('tells apart a server that is ready, one that refuses the credentials and one that does not answer', async () => {
  const found = await summarizeClusters(
    [
      upstream('well', () => Promise.resolve({ gitVersion: 'v1.36.4' })),
      upstream('forbidden', () => Promise.reject(failure(403, 'Forbidden', 'no'))),
      upstream('expired', () => Promise.reject(failure(401, 'Unauthorized', 'Unauthorized'))),
      upstream('gone', () => Promise.reject(serviceUnavailable('cannot be reached'))),
    ],
    systemClock,
  )
  expect(found.map(({ id, state }) => `${id}: ${state}`)).toEqual([
    'well: ready',
    'forbidden: ready',
    'expired: refused',
    'gone: unreachable',
  ])
})
