import { afterEach, beforeEach, expect, it } from 'vitest'
import { resources } from '../../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createDisruptionController } from './disruption.ts'

const namespace = 'default'
let plane: TestControlPlane
let controller: Controller

beforeEach(async () => {
  plane = createTestControlPlane()
  await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  controller = createDisruptionController({ ...plane.dependencies, resources: () => plane.resources() })
  await controller.start()
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

const budget = (name: string): Promise<unknown> =>
  plane.client.create(resources.podDisruptionBudgets, {
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: 1 },
  })
const pod = (name: string): Promise<unknown> =>
  plane.client.create(resources.pods, {
    metadata: { name, namespace, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  })

/** Waits for an event, and gives its words. */
async function told(reason: string): Promise<string | undefined> {
  let message: string | undefined
  await waitFor(async () => {
    await plane.flushEvents()
    const { items } = await plane.client.list(resources.events, { namespace })
    ;({ message } = items.find((event) => event.reason === reason) ?? {})
    return message !== undefined
  })
  return message
}

it('pods that nothing controls are told of', async () => {
  await pod('alone')
  await budget('a')
  expect(await told('UnmanagedPods')).toBe(
    'Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
  )
})

it('a pod of several budgets is told of', async () => {
  await budget('a')
  await budget('b')
  await waitFor(async () => {
    const { items } = await plane.client.list(resources.podDisruptionBudgets, { namespace })
    return items.every(({ status }) => status?.observedGeneration === 1)
  })
  await pod('shared')
  expect(await told('MultiplePodDisruptionBudgets')).toMatch(
    /^Pod "default"\/"shared" matches multiple PodDisruptionBudgets. {2}Chose "[ab]" arbitrarily\.$/,
  )
})
