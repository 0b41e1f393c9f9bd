import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound, serviceUnavailable, type StatusError } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createControllers } from '../index.ts'
import type { Controller } from '../kit/controller.ts'

describe('namespaces', () => {
  let plane: TestControlPlane
  let controllers: Controller[]
  /** Stands for an extension API server. */
  let extension: TestControlPlane
  let extensionProblem: StatusError | undefined

  beforeEach(async () => {
    plane = createTestControlPlane()
    extension = createTestControlPlane()
    extensionProblem = undefined
    controllers = createControllers({
      ...plane.dependencies,
      resources: () => plane.resources(),
      serviceRange: '10.96.0.0/16',
      rootCa: 'PEM',
      aggregated: {
        resources: () => [
          { resource: resources.leases, verbs: ['list', 'delete', 'deletecollection'] },
          { resource: resources.horizontalPodAutoscalers, verbs: ['list', 'delete'] },
          { resource: resources.nodes, verbs: ['list', 'delete'] },
        ],
        transport: {
          ...extension.transport,
          call: async (call) => {
            if (extensionProblem) throw extensionProblem
            return extension.transport.call(call)
          },
        },
      },
    })
    await Promise.all(controllers.map((controller) => controller.start()))
    await plane.client.create(resources.namespaces, { metadata: { name: 'team' }, spec: {} })
  })
  afterEach(async () => {
    for (const controller of controllers) await controller.stop()
    await plane.close()
    await extension.close()
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
    expect(dying.status?.conditions?.map(({ type }) => type)).toEqual([
      'NamespaceDeletionDiscoveryFailure',
      'NamespaceDeletionGroupVersionParsingFailure',
      'NamespaceDeletionContentFailure',
      'NamespaceContentRemaining',
      'NamespaceFinalizersRemaining',
    ])
    expect(findCondition(dying.status?.conditions, 'NamespaceDeletionContentFailure')).toMatchObject({
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    })
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

  /** The namespace, once the condition of this type has the message. */
  function saying(type: string, message: string): Promise<unknown> {
    return waitFor(async () => {
      const { status } = await plane.client.get(resources.namespaces, { name: 'team' })
      return findCondition(status?.conditions, type)?.message === message
    })
  }
  function goes(): Promise<unknown> {
    return waitFor(() =>
      plane.client.get(resources.namespaces, { name: 'team' }).then(() => false, isNotFound),
    )
  }

  it('lose their pods before anything else', async () => {
    await plane.client.create(resources.pods, {
      metadata: { name: 'held', namespace: 'team', finalizers: ['test/hold'] },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    })
    await plane.client.create(resources.configMaps, { metadata: { name: 'kept', namespace: 'team' } })
    await plane.client.delete(resources.namespaces, { name: 'team' })
    await saying('NamespaceContentRemaining', 'Some resources are remaining: pods. has 1 resource instances')
    await plane.client.get(resources.configMaps, { namespace: 'team', name: 'kept' })
    const ref = { namespace: 'team', name: 'held' }
    await plane.client.patch(resources.pods, ref, {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    })
    await goes()
  })

  it('lose what extension API servers hold there, and wait for them', async () => {
    await extension.client.create(resources.namespaces, { metadata: { name: 'team' }, spec: {} })
    await extension.client.create(resources.leases, {
      metadata: { name: 'lease', namespace: 'team', finalizers: ['test/hold'] },
      spec: {},
    })
    await extension.client.create(resources.horizontalPodAutoscalers, {
      metadata: { name: 'one', namespace: 'team' },
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
    })
    extensionProblem = serviceUnavailable('the server is currently unable to handle the request')
    await plane.client.delete(resources.namespaces, { name: 'team' })
    await saying(
      'NamespaceDeletionContentFailure',
      'Failed to delete all resource types, 2 remaining: the server is currently unable to handle the request, the server is currently unable to handle the request',
    )
    extensionProblem = undefined
    await saying(
      'NamespaceContentRemaining',
      'Some resources are remaining: leases.coordination.k8s.io has 1 resource instances',
    )
    const { items } = await extension.client.list(resources.horizontalPodAutoscalers, { namespace: 'team' })
    expect(items).toEqual([])
    const ref = { namespace: 'team', name: 'lease' }
    await extension.client.patch(resources.leases, ref, {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    })
    await goes()
  })

  it('stay while an extension API server cannot say what it has there', async () => {
    await plane.client.create(resources.apiServices, {
      metadata: { name: 'v1.ext.example.com' },
      spec: {
        group: 'ext.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        service: { namespace: 'default', name: 'ext' },
      },
    })
    await plane.client.delete(resources.namespaces, { name: 'team' })
    await saying(
      'NamespaceDeletionDiscoveryFailure',
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ext.example.com/v1: stale GroupVersion discovery: ext.example.com/v1',
    )
    await plane.client.delete(resources.apiServices, { name: 'v1.ext.example.com' })
    await goes()
  })
})
