import { afterEach, expect, it } from 'vitest'
import type { Status } from '../../core/api/status.ts'
import { pods } from '../kinds/pods.ts'
import { useLiveStore } from '../stores/live.ts'
import { useNamespacesStore } from '../stores/namespaces.ts'
import { mountPart, type Mounted } from '../testing/mount.ts'
import KindList from './KindList.vue'

let mounted: Mounted | undefined
afterEach(() => mounted?.unmount())

const forbidden = {
  kind: 'Status',
  status: 'Failure',
  code: 403,
  reason: 'Forbidden',
  message: 'no',
} as Status

/** The list of pods in some namespaces, of which those of `refused` may not be listed. */
async function listIn(namespaces: string[], refused: string[]): Promise<string> {
  mounted = await mountPart(KindList, { props: { view: pods } })
  useNamespacesStore().select('local', namespaces)
  await mounted.settle()
  for (const { target, list } of useLiveStore().held('local')) {
    if (target.resource !== 'pods') continue
    if (refused.includes(target.namespace ?? '*')) list.receive({ id: 1, type: 'error', status: forbidden })
    else
      list.receive({
        id: 1,
        type: 'snapshot',
        columns: [{ name: 'Name', type: 'string', priority: 0 }],
        rows: [{ uid: target.namespace!, name: 'a', namespace: target.namespace!, cells: ['a'] }],
        resourceVersion: '1',
      })
  }
  await mounted.settle()
  return mounted.text()
}

it('shows the namespaces that may be listed and names those that may not', async () => {
  const text = await listIn(['shop', 'web', 'kube-system'], ['kube-system'])
  expect(text).toContain('Pods2')
  expect(text).toContain('You may not list Pods in kube-system.')
  expect(text).not.toContain('You may not see this')
})

it('says that nothing may be seen where every namespace is refused', async () => {
  const text = await listIn(['shop', 'web'], ['shop', 'web'])
  expect(text).toContain('You may not see this')
  expect(text).not.toContain('You may not list')
})

it('leads to the choice of namespaces a user who may not list them all at once', async () => {
  expect(await listIn([], ['*'])).toContain('Choose the namespaces it has rights in')
})
