import { describe, expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { podRowTone } from './pod-phases.ts'

function toneOf(status: string, ready: string, data: Record<string, unknown> = {}): string {
  const row: LiveRow = { uid: 'u', name: 'web', cells: [], data }
  return podRowTone({ row, cell: (column) => (column === 'Status' ? status : ready) })
}

describe('podRowTone', () => {
  it('tells a pod that is on its way from one that no node can take', () => {
    expect(toneOf('Pending', '0/1')).toBe('progress')
    expect(toneOf('Pending', '0/1', { unschedulable: true })).toBe('bad')
  })

  it('warns of what runs without being ready', () => {
    expect([toneOf('Running', '1/2'), toneOf('Running', '2/2')]).toEqual(['warn', 'ok'])
  })
})
