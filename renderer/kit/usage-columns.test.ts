import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { useUsageStore } from '../stores/usage.ts'
import { answerFetch } from '../testing/mount.ts'
import { usageColumns } from './usage-columns.ts'
import { podSubject } from './usage-row.ts'

beforeEach(() => setActivePinia(createPinia()))

it('puts the pods that use most first, and those not measured last', async () => {
  const pod = (name: string, cpu: string): object => ({
    metadata: { namespace: 'shop', name },
    containers: [{ name: 'app', usage: { cpu, memory: '1Mi' } }],
  })
  answerFetch({
    '/apis/metrics.k8s.io/v1beta1/pods': {
      items: [pod('idle', '0'), pod('busy', '900m'), pod('calm', '9m')],
    },
  })
  const store = useUsageStore()
  await store.refresh('local')
  const [cpu] = usageColumns(podSubject)
  const rows = ['new', 'idle', 'calm', 'busy'].map((name): LiveRow => ({
    uid: name,
    name,
    namespace: 'shop',
    cells: [],
  }))
  const keyOf = (row: LiveRow): number =>
    Number(cpu!.sortKey({ row, cell: () => undefined, t: (key) => key, usage: store.of('local') }))
  expect(rows.sort((a, b) => keyOf(a) - keyOf(b)).map(({ name }) => name)).toEqual([
    'busy',
    'calm',
    'idle',
    'new',
  ])
})
