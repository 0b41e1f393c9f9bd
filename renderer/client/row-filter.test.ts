import { describe, expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { rowFilter } from './row-filter.ts'

const row: LiveRow = {
  uid: '1',
  name: 'web-7d9f',
  namespace: 'shop',
  labels: { app: 'web', 'kubernetes.io/tier': 'front' },
  cells: ['web-7d9f', '1/1', 'CrashLoopBackOff'],
}
const matches = (filter: string): boolean => rowFilter(filter)(row)

describe('rowFilter', () => {
  it.each([
    ['', true],
    ['WEB', true],
    ['shop', true],
    ['crashloop', true],
    ['api', false],
    ['web shop', true],
    ['web,api', false],
    ['!api', true],
    ['!web', false],
    ['!', false],
  ])('finds words in names, namespaces and cells: %j → %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected)
  })

  it.each([
    ['app=web', true],
    ['app==web', true],
    ['app=api', false],
    ['app!=api', true],
    ['app!=web', false],
    ['app=', true],
    ['release=', false],
    ['!app=web', false],
    ['kubernetes.io/tier=front', true],
    ['ns=shop app=web', true],
    ['ns=default', false],
  ])('matches labels and namespaces: %j → %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected)
  })
})
