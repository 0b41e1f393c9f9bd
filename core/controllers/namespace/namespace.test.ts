import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createControllers } from '../index.ts'
import type { Controller } from '../kit/controller.ts'

describe('namespaces', () => {
  let plane: TestControlPlane
  let controllers: Controller[]

  beforeEach(async () => {
    plane = createTestControlPlane()
    controllers = createControllers({
      ...plane.dependencies,
      resources: () => plane.resources(),
      rootCa: 'PEM',
    })
    await Promise.all(controllers.map((controller) => controller.start()))
    await plane.client.create(resources.namespaces, { metadata: { name: 'team' }, spec: {} })
  })
  afterEach(async () => {
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  it('get a default service account and the CA, and get them back', async () => {
    const account = { namespace: 'team', name: 'default' }
    const ca = { namespace: 'team', name: 'kube-root-ca.crt' }
    const first = await waitFor(() => plane.client.get(resources.serviceAccounts, account))
    await waitFor(() => plane.client.get(resources.configMaps, ca))
    await plane.client.delete(resources.serviceAccounts, account)
    await plane.client.patch(resources.configMaps, ca, {
      type: 'merge',
      body: { data: { 'ca.crt': 'forged' } },
    })
    await waitFor(async () => {
      const again = await plane.client.get(resources.serviceAccounts, account)
      return again.metadata.uid !== first.metadata.uid
    })
    await waitFor(async () => (await plane.client.get(resources.configMaps, ca)).data?.['ca.crt'] === 'PEM')
  })

  it('lose all content when deleted, and say what holds them', async () => {
    await plane.client.create(resources.configMaps, {
      metadata: { name: 'held', namespace: 'team', finalizers: ['test/hold'] },
    })
    await plane.client.create(resources.secrets, { metadata: { name: 'plain', namespace: 'team' } })
    await waitFor(() => plane.client.get(resources.serviceAccounts, { namespace: 'team', name: 'default' }))
    await plane.client.delete(resources.namespaces, { name: 'team' })
    const dying = await waitFor(async () => {
      const found = await plane.client.get(resources.namespaces, { name: 'team' })
      const remaining = findCondition(found.status?.conditions, 'NamespaceContentRemaining')
      return remaining?.message === 'Some resources are remaining: configmaps. has 1 resource instances'
        ? found
        : undefined
    })
    expect(dying.status?.phase).toBe('Terminating')
    expect(findCondition(dying.status?.conditions, 'NamespaceFinalizersRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeFinalizersRemain',
      message: 'Some content in the namespace has finalizers remaining: test/hold in 1 resource instances',
    })
    expect((await plane.client.list(resources.secrets, { namespace: 'team' })).items).toEqual([])
    await plane.client.patch(
      resources.configMaps,
      { namespace: 'team', name: 'held' },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    )
    await waitFor(async () => {
      try {
        await plane.client.get(resources.namespaces, { name: 'team' })
        return false
      } catch (error) {
        return isNotFound(error)
      }
    })
  })
})
