import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { definition, problemsOf, started, version } from './testing/custom-cluster.ts'

describe('custom resources', () => {
  it('have a scale where the definition says so', async () => {
    const scale = {
      specReplicasPath: '.spec.count',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    }
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { status: {}, scale } })] } }),
    )
    await cluster.create({ count: 2 })
    const ref = { namespace: 'default', name: 'one' }
    const status = { replicas: 2, selector: 'a=b' }
    await cluster
      .widgets()
      .patch(ref, { type: 'merge', patch: { status } }, cluster.options({ subresource: 'status' }))
    const found = await cluster.widgets().get('default', 'one', { subresource: 'scale' })
    expect(found.object).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2, selector: 'a=b' } })
    const scaled = { ...found.object, spec: { replicas: 4 } } as KubeObject
    await cluster.widgets().update(ref, scaled, cluster.options({ subresource: 'scale' }))
    expect((await cluster.widgets().get('default', 'one')).object).toMatchObject({ spec: { count: 4 } })
    await cluster.create({}, 'two')
    await expect(cluster.widgets().get('default', 'two', { subresource: 'scale' })).rejects.toMatchObject({
      code: 500,
    })
    const wanted = { type: 'merge' as const, patch: { spec: { replicas: 6 } } }
    await cluster.widgets().patch({ ...ref, name: 'two' }, wanted, cluster.options({ subresource: 'scale' }))
    expect((await cluster.widgets().get('default', 'two')).object).toMatchObject({ spec: { count: 6 } })
  })

  it('refuse a scale by where their definition has the replicas', async () => {
    const path = { specReplicasPath: '.spec.count', statusReplicasPath: '.status.replicas' }
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { scale: path } })] } }),
    )
    await cluster.create({ count: 2 })
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'one' },
      spec: { replicas: -2 },
    }
    const write = cluster
      .widgets()
      .update(
        { namespace: 'default', name: 'one' },
        scale as KubeObject,
        cluster.options({ subresource: 'scale' }),
      )
    expect(await problemsOf(write)).toEqual([
      'spec.count: Invalid value: -2: spec.count in body should be greater than or equal to 1',
      '.spec.count: Invalid value: -2: should be a non-negative integer',
    ])
  })

  it('show the columns of their definition, by type', async () => {
    const additionalPrinterColumns = [
      { name: 'Text', type: 'string', jsonPath: '.spec.text' },
      { name: 'Part', type: 'string', jsonPath: '.spec.parts[?(@.name=="b")].weight' },
      { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
      { name: 'Wrong', type: 'integer', jsonPath: '.spec.text' },
      { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag', priority: 1 },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ]
    const cluster = await started(definition({ spec: { versions: [version({ additionalPrinterColumns })] } }))
    const object = await cluster.create({ text: 'abc', parts: [{ name: 'b', weight: 2 }], flag: true })
    const { columns } = cluster.widgets().definition
    expect(columns.map(({ name, priority }) => `${name}${priority ?? 0}`)).toEqual([
      'Name0',
      'Text0',
      'Part0',
      'Count0',
      'Wrong0',
      'Flag1',
      'Age0',
    ])
    const now = Date.parse('2026-01-01T00:05:00Z')
    expect(columns.map((column) => column.value(object, now))).toEqual([
      'one',
      'abc',
      '2',
      null,
      null,
      true,
      '5m',
    ])
  })

  it('can be selected by the fields their definition names', async () => {
    const selectableFields = [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.count' }]
    const cluster = await started(definition({ spec: { versions: [version({ selectableFields })] } }))
    await cluster.create({ color: 'red', count: 2 })
    await cluster.create({ color: 'green' }, 'two')
    const names = async (fieldSelector: string): Promise<string[]> =>
      (await cluster.widgets().list({ fieldSelector })).entries.map(({ object }) => object.metadata.name)
    expect(await names('spec.color=red')).toEqual(['one'])
    expect(await names('spec.count=2,spec.color!=green')).toEqual(['one'])
    expect(await names('spec.count=')).toEqual(['two'])
    await expect(names('spec.text=x')).rejects.toMatchObject({ code: 400 })
  })
})
