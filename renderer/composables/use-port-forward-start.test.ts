import { expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { resources } from '../../core/api/resources.ts'
import type { ActionTarget } from '../kit/action.ts'
import { createKubeClient } from '../client/kube-client.ts'
import { mountPart } from '../testing/mount.ts'
import { usePortForwardStart, type PortForwardStart } from './use-port-forward-start.ts'

const forwards = '/api/clusters/local/port-forwards'
const service = (name: string): ActionTarget => ({ resource: resources.services, namespace: 'default', name })

it('says nothing of a port-forward whose dialog was closed and opened for another object', async () => {
  const target = shallowRef<ActionTarget>()
  let start!: PortForwardStart
  const part = await mountPart(
    {
      setup() {
        start = usePortForwardStart(() => target.value)
        return () => null
      },
    },
    { context: { host: { kube: createKubeClient('local') } as never } },
  )
  const slow = Promise.withResolvers<Response>()
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    if (init?.method === 'POST') return slow.promise
    if (input === forwards) return Promise.resolve(Response.json([]))
    return Promise.resolve(Response.json({ metadata: { name: 'x' }, spec: { ports: [{ port: 80 }] } }))
  })

  target.value = service('slow')
  await part.settle()
  const running = start.run(80, 0)
  expect(start.isRunning.value).toBe(true)
  target.value = service('next')
  await part.settle()
  expect(start.isRunning.value).toBe(false)
  slow.resolve(Response.json({ id: '1', localPort: 4000 }))
  await running
  expect(start.started.value).toBeUndefined()
  expect(start.ports.value).toEqual([{ port: 80, label: '80' }])
  part.unmount()
})
