import { expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { amountsOfPods } from './row-amounts.ts'

const usage = (milliCpu: number, memory: number): { milliCpu: number; memory: number } => ({
  milliCpu,
  memory,
})
const row = (data: Record<string, unknown>): LiveRow => ({ uid: 'u', name: 'n', cells: [], data })

it('sums what running pods ask for; one without a limit leaves all without', () => {
  const rows = [
    row({ phase: 'Running', requests: usage(100, 10), limits: usage(200, 20) }),
    row({ phase: 'Running', requests: usage(50, 5), limits: usage(100, 0) }),
    row({ phase: 'Succeeded', requests: usage(1000, 1000), limits: usage(0, 0) }),
    row({}),
  ]
  expect(amountsOfPods(rows.slice(0, 3))).toEqual({ requests: usage(150, 15), limits: usage(300, 0) })
  expect(amountsOfPods(rows).limits).toEqual(usage(0, 0))
})
