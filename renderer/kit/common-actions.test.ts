import { describe, expect, it } from 'vitest'
import { resources } from '../../core/api/resources.ts'
import type { ActionTarget } from './action.ts'
import { actionsOf } from './common-actions.ts'
import { defineKindView } from './kind-view.ts'

const view = defineKindView({ resource: resources.pods, section: 'workloads', order: 1, icon: {} })
const dialog = actionsOf(view).find(({ id }) => id === 'delete')!.dialog!

describe('deleting', () => {
  it('asks how long it may take only of what runs on a node', () => {
    const asked = (resource: ActionTarget['resource']): string[] =>
      dialog.fields!.filter((field) => field.when?.({ resource, name: 'a' }) ?? true).map(({ id }) => id)
    expect(asked(resources.pods)).toEqual(['grace', 'force'])
    expect(asked(resources.configMaps)).toEqual([])
    expect(asked(resources.deployments)).toEqual([])
  })

  it('leaves the time to the server where it is not asked', async () => {
    const target = { resource: resources.configMaps, namespace: 'shop', name: 'a' }
    const calls: unknown[] = []
    const kube = { remove: (...call: unknown[]) => Promise.resolve(calls.push(call[2])) }
    await dialog.run({ kube } as never, target, {}, {} as never)
    expect(calls).toEqual([{ propagationPolicy: 'Background', gracePeriodSeconds: undefined }])
    expect(dialog.kubectl?.(target, {})).toBe('delete configmap/a -n shop')
  })
})
