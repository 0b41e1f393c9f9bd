import { afterEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../../core/api/generated/core-v1.ts'
import type { Explanation } from '../../../core/api/scheduling.ts'
import { mountPart, type Mounted } from '../../testing/mount.ts'
import PodScheduling from './PodScheduling.vue'

let mounted: Mounted | undefined
afterEach(() => mounted?.unmount())

const object = {
  metadata: { namespace: 'shop', name: 'web', resourceVersion: '1' },
  spec: { containers: [] },
} as Pod
const explanation: Explanation = {
  podKey: 'shop/web',
  at: Date.now(),
  chosen: undefined,
  message: '0/3 nodes are available',
  preemption: { node: 'c', victims: ['shop/low'] },
  verdicts: [
    { node: 'c', scores: { NodeResourcesFit: 40, ImageLocality: 90 }, total: 130 },
    { node: 'a', rejectedBy: 'NodeResourcesFit', reasons: ['Insufficient cpu', 'Insufficient memory'] },
    { node: 'b', rejectedBy: 'NodeResourcesFit', reasons: ['Insufficient cpu'] },
  ],
}
async function show(answer: unknown): Promise<string> {
  mounted = await mountPart(PodScheduling, {
    props: { object },
    answers: { '/api/clusters/local/scheduling/shop/web': answer },
  })
  return mounted.text()
}

describe('the verdicts of the scheduler', () => {
  it('say of each node who refused and why, or how well it fits, and count the refusals', async () => {
    expect(await show(explanation)).toContain('NodeResourcesFit 2')
    const rows = [...mounted!.element.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim()),
    )
    expect(rows).toEqual([
      ['c', '130', 'ImageLocality 90 · NodeResourcesFit 40'],
      ['a', 'NodeResourcesFit', 'Insufficient cpu; Insufficient memory'],
      ['b', 'NodeResourcesFit', 'Insufficient cpu'],
    ])
  })

  it('name the pods that go for it', async () => {
    expect(await show(explanation)).toMatch(/Room is made on c.*low/)
  })

  it('say so when the scheduler has nothing to say, or the gateway fails', async () => {
    expect(await show(undefined)).toContain('has not tried')
    mounted?.unmount()
    expect(
      await show(Response.json({ kind: 'Status', code: 500, message: 'broken' }, { status: 500 })),
    ).toContain('broken')
  })
})
