import { afterEach, beforeEach, it } from 'vitest'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createTtlController } from './ttl.ts'

let plane: TestControlPlane
let controller: Controller
beforeEach(async () => {
  plane = createTestControlPlane()
  controller = createTtlController(plane.dependencies)
  await controller.start()
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

async function grow(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    await plane.client.create(resources.nodes, { metadata: { name: `node-${index}` }, spec: {} })
  }
}
async function shrink(from: number, to: number): Promise<void> {
  for (let index = to; index < from; index++)
    await plane.client.delete(resources.nodes, { name: `node-${index}` })
}
const all = (seconds: string): Promise<unknown> =>
  waitFor(async () => {
    const { items } = await plane.client.list(resources.nodes)
    return items.every(({ metadata }) => metadata.annotations?.['node.alpha.kubernetes.io/ttl'] === seconds)
  })

it('lets kubelets keep what they read for longer as the cluster grows, with some slack on the way back', async () => {
  await grow(0, 3)
  await all('0')
  await grow(3, 101)
  await all('15')
  await shrink(101, 95)
  await all('15')
  await shrink(95, 89)
  await all('0')
})
