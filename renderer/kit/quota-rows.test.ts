import { expect, it } from 'vitest'
import { quotaRows } from './quota-rows.ts'

it('puts the fullest line first and says when there is no room', () => {
  const hard = {
    pods: '4',
    'requests.cpu': '2',
    'limits.memory': '4Gi',
    services: '0',
    'count/jobs.batch': '10',
  }
  const used = { pods: '4', 'requests.cpu': '1700m', 'limits.memory': '1Gi' }
  expect(quotaRows(hard, used)).toEqual([
    { name: 'pods', used: '4', hard: '4', share: 1, tone: 'bad' },
    { name: 'services', used: '0', hard: '0', share: 1, tone: 'bad' },
    { name: 'requests.cpu', used: '1.7', hard: '2', share: 0.85, tone: 'warn' },
    { name: 'limits.memory', used: '1.0 GiB', hard: '4.0 GiB', share: 0.25, tone: 'ok' },
    { name: 'count/jobs.batch', used: '0', hard: '10', share: 0, tone: 'ok' },
  ])
  expect(quotaRows(undefined, undefined)).toEqual([])
})
