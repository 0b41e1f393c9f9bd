import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCondition, isConditionTrue } from '../../api/conditions.ts'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { createControllers } from '../index.ts'
import type { Controller } from '../kit/controller.ts'

type Widget = KubeObject & { spec?: { parts?: number } }
const widgets: Resource<Widget> = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  namespaced: true,
}

function definition(plural: string, names: object): CustomResourceDefinition {
  const spec = { type: 'object', properties: { parts: { type: 'integer' } } }
  return {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind: '', ...names },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  }
}

describe('CustomResourceDefinitions', () => {
  let plane: TestControlPlane
  let controllers: Controller[]

  const find = (plural: string): Promise<CustomResourceDefinition> =>
    plane.client.get(resources.customResourceDefinitions, { name: `${plural}.example.com` })
  const isGone = async (work: Promise<unknown>): Promise<boolean> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return isNotFound(error)
  }

  async function define(plural: string, names: object): Promise<void> {
    await plane.client.create(resources.customResourceDefinitions, definition(plural, names))
    await waitFor(async () => isConditionTrue((await find(plural)).status?.conditions, 'Established'))
  }

  beforeEach(async () => {
    plane = createTestControlPlane()
    await plane.followDefinitions()
    controllers = createControllers({
      ...plane.dependencies,
      resources: () => plane.resources(),
      serviceRange: '10.96.0.0/16',
      rootCa: 'PEM',
    })
    await Promise.all(controllers.map((controller) => controller.start()))
    await plane.client.create(resources.namespaces, { metadata: { name: 'team' }, spec: {} })
  })
  afterEach(async () => {
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  it('are established, and what they define is served at once', async () => {
    await define('widgets', { kind: 'Widget', shortNames: ['wd'] })
    expect((await find('widgets')).status).toMatchObject({
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
      ],
    })
    await plane.client.create(widgets, { metadata: { name: 'one', namespace: 'team' } })
    expect((await plane.client.list(widgets)).kind).toBe('WidgetList')
  })

  it('wait for names that another has, until it gives them up', async () => {
    await define('widgets', { kind: 'Widget', shortNames: ['wd'] })
    const second = definition('gears', { kind: 'Widget', shortNames: ['wd', 'gr'] })
    await plane.client.create(resources.customResourceDefinitions, second)
    const status = await waitFor(async () => {
      const found = (await find('gears')).status
      return found?.conditions && found.conditions.length > 0 ? found : undefined
    })
    expect(findCondition(status.conditions, 'NamesAccepted')).toMatchObject({
      status: 'False',
      reason: 'ShortNamesConflict',
      message: '"wd" is already in use',
    })
    expect(findCondition(status.conditions, 'Established')).toMatchObject({
      status: 'False',
      reason: 'NotAccepted',
    })
    expect(status.acceptedNames).toMatchObject({ plural: 'gears', kind: '' })
    await plane.client.delete(resources.customResourceDefinitions, { name: 'widgets.example.com' })
    await waitFor(async () => isConditionTrue((await find('gears')).status?.conditions, 'Established'))
  })

  it('go though a version that they no longer have is said to be stored', async () => {
    await define('widgets', { kind: 'Widget' })
    const name = 'widgets.example.com'
    await plane.client.patch(
      resources.customResourceDefinitions,
      { name },
      { type: 'merge', subresource: 'status', body: { status: { storedVersions: ['gone'] } } },
    )
    await plane.client.delete(resources.customResourceDefinitions, { name })
    await waitFor(() => isGone(find('widgets')))
  })

  it('take their objects with them, when nothing holds these back any more', async () => {
    await define('widgets', { kind: 'Widget' })
    await plane.client.create(widgets, { metadata: { name: 'free', namespace: 'team' } })
    await plane.client.create(widgets, {
      metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] },
    })
    await plane.client.delete(resources.customResourceDefinitions, { name: 'widgets.example.com' })
    await waitFor(() => isGone(plane.client.get(widgets, { name: 'free', namespace: 'team' })))
    const terminating = findCondition((await find('widgets')).status?.conditions, 'Terminating')
    expect(terminating).toMatchObject({ status: 'True', reason: 'InstanceDeletionInProgress' })
    await expect(
      plane.client.create(widgets, { metadata: { name: 'late', namespace: 'team' } }),
    ).rejects.toMatchObject({ code: 403 })
    const held = { name: 'held', namespace: 'team' }
    await plane.client.patch(widgets, held, { type: 'merge', body: { metadata: { finalizers: null } } })
    await waitFor(() => isGone(find('widgets')))
    await waitFor(() => isGone(plane.client.list(widgets)))
  })

  it('make objects that go with their namespace', async () => {
    await define('widgets', { kind: 'Widget' })
    await plane.client.create(widgets, { metadata: { name: 'one', namespace: 'team' } })
    await plane.client.delete(resources.namespaces, { name: 'team' })
    await waitFor(() => isGone(plane.client.get(resources.namespaces, { name: 'team' })))
    expect((await plane.client.list(widgets)).items).toEqual([])
  })

  it('make objects that own and are owned', async () => {
    await define('widgets', { kind: 'Widget' })
    const owner = await plane.client.create(widgets, { metadata: { name: 'owner', namespace: 'team' } })
    const reference = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      name: 'owner',
      uid: owner.metadata.uid!,
    }
    const metadata = { namespace: 'team', ownerReferences: [reference] }
    await plane.client.create(resources.configMaps, { metadata: { ...metadata, name: 'owned' } })
    await plane.client.create(widgets, { metadata: { ...metadata, name: 'owned' } })
    await plane.client.delete(widgets, { name: 'owner', namespace: 'team' })
    const owned = { name: 'owned', namespace: 'team' }
    await waitFor(() => isGone(plane.client.get(widgets, owned)))
    await waitFor(() => isGone(plane.client.get(resources.configMaps, owned)))
  })
})
