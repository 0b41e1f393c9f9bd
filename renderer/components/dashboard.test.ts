import { afterEach, describe, expect, it } from 'vitest'
import type { Component } from 'vue'
import type { Status } from '../../core/api/status.ts'
import { useLiveStore } from '../stores/live.ts'
import { mountPart, type Mounted } from '../testing/mount.ts'
import NodeBars from './NodeBars.vue'
import TopPods from './TopPods.vue'
import TroubleList from './TroubleList.vue'
import WarningFeed from './WarningFeed.vue'
import WorkloadTallies from './WorkloadTallies.vue'

let mounted: Mounted | undefined
afterEach(() => mounted?.unmount())

const panels: [string, Component][] = [
  ['the counts', WorkloadTallies],
  ['what needs attention', TroubleList],
  ['the warnings', WarningFeed],
  ['the nodes', NodeBars],
  ['the pods that use most', TopPods],
]

/** A panel whose lists all end with the same refusal. */
async function refused(panel: Component, code: number): Promise<string> {
  mounted = await mountPart(panel, { props: { withNodes: true } })
  const status: Status = {
    kind: 'Status',
    status: 'Failure',
    code,
    reason: 'x',
    message: 'refused',
  } as Status
  for (const { list } of useLiveStore().held('local')) list.receive({ id: 1, type: 'error', status })
  await mounted.settle()
  return mounted.text()
}

describe.each(panels)('%s, where the lists are refused', (_name, panel) => {
  it('says that the user may not see them, not that there is nothing', async () => {
    const text = await refused(panel, 403)
    expect(text).toContain('You may not list')
    expect(text).not.toMatch(/none|are well|No warnings/)
  })

  it('says that the server does not answer', async () => {
    expect(await refused(panel, 503)).toContain('The API server does not answer.')
  })
})

it('asks for a few namespaces one by one, as a user with rights in them may', async () => {
  mounted = await mountPart(WorkloadTallies, { props: { namespaces: ['shop', 'web'] } })
  const asked = useLiveStore()
    .held('local')
    .filter(({ target }) => target.resource === 'pods')
  expect(asked.map(({ target }) => target.namespace)).toEqual(['shop', 'web'])
  const row = { uid: 'a', name: 'a', namespace: 'shop', cells: ['1/1', 'Running'] }
  const columns = [
    { name: 'Ready', type: 'string' },
    { name: 'Status', type: 'string' },
  ]
  for (const { list, target } of asked)
    list.receive({
      id: 1,
      type: 'snapshot',
      columns: columns as never,
      rows: [{ ...row, uid: String(target.namespace), namespace: target.namespace ?? '' }],
      resourceVersion: '1',
    })
  await mounted.settle()
  expect(mounted.text()).toMatch(/Pods ?2/)
})

it.each([
  ['the counts', WorkloadTallies, /Pods ?1/],
  ['what needs attention', TroubleList, /crashing.*CrashLoopBackOff/],
  ['the pods that use most', TopPods, /You may not/],
  ['the warnings', WarningFeed, /BackOff/],
] as [string, Component, RegExp][])(
  'names in %s the namespace that is refused, and shows the others',
  async (_name, panel, shown) => {
    mounted = await mountPart(panel, { props: { namespaces: ['secret', 'shop'] } })
    const row = { uid: 'a', name: 'crashing', namespace: 'shop' }
    const columns = ['Ready', 'Status', 'Type', 'Reason'].map((name) => ({ name, type: 'string' }))
    for (const { list, target } of useLiveStore().held('local'))
      if (target.namespace === 'secret')
        list.receive({ id: 1, type: 'error', status: { code: 403, message: 'no' } as Status })
      else
        list.receive({
          id: 1,
          type: 'snapshot',
          columns: columns as never,
          rows: [{ ...row, cells: ['0/1', 'CrashLoopBackOff', 'Warning', 'BackOff'] }],
          resourceVersion: '1',
        })
    await mounted.settle()
    expect(mounted.text()).toMatch(shown)
    expect(mounted.text()).toMatch(/You may not list \w+ in secret\. The other namespaces are shown/)
  },
)
