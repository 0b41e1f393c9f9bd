import { expect, it, vi } from 'vitest'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { silentProgress } from '../testing/silent-progress.ts'
import type { ActionHost, ActionTarget } from './action.ts'
import { resizeAction } from './resize-action.ts'

const object: Pod = {
  metadata: { namespace: 'shop', name: 'web' },
  spec: {
    containers: [
      { name: 'side' },
      { name: 'app', resources: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } } },
    ],
  },
}
const target: ActionTarget = { resource: resources.pods, namespace: 'shop', name: 'web', object }

it('starts from what the container has, and patches only what is filled in', async () => {
  const { dialog } = resizeAction('app')
  const values = Object.fromEntries((dialog?.fields ?? []).map(({ id, initial }) => [id, initial(target)]))
  expect(values).toEqual({
    'requests.cpu': '50m',
    'limits.cpu': '',
    'requests.memory': '',
    'limits.memory': '64Mi',
  })
  const patch = vi.fn()
  await dialog?.run(
    { kube: { patch } } as unknown as ActionHost,
    target,
    { ...values, 'requests.cpu': ' 100m ' },
    silentProgress,
  )
  expect(patch).toHaveBeenCalledWith(
    resources.pods,
    { namespace: 'shop', name: 'web' },
    {
      type: 'strategic',
      body: {
        spec: {
          containers: [{ name: 'app', resources: { requests: { cpu: '100m' }, limits: { memory: '64Mi' } } }],
        },
      },
      options: { subresource: 'resize' },
    },
  )
  expect(dialog?.kubectl?.(target, values)).toMatch(/^patch pod web -n shop --subresource resize --patch '\{/)
})
