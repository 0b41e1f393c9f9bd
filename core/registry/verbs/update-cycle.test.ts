import { describe, expect, it } from 'vitest'
import { TestRegistry, configMap } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

const ref = { namespace: 'default', name: 'a' }
const writers = Array.from({ length: 40 }, (_, index) => index)

describe('many writers of one object', () => {
  it('each build on the one before, and none is lost', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const results = await Promise.all(
      writers.map((index) =>
        t.configMaps.patch(
          ref,
          { type: 'merge', patch: { data: { [`key-${index}`]: String(index) } } },
          t.options(),
        ),
      ),
    )
    const { object } = await t.configMaps.get('default', 'a')
    expect((object as TestObject).data).toEqual(
      Object.fromEntries(writers.map((index) => [`key-${index}`, String(index)])),
    )
    const versions = results.map((result) => Number(result.object.metadata.resourceVersion))
    expect(versions.toSorted((a, b) => a - b)).toEqual(writers.map((index) => index + 2))
    expect(t.registry.revision).toBe(writers.length + 1)
  })

  it('have one winner where all insist on the same version', async () => {
    const t = new TestRegistry()
    const { object } = await t.configMaps.create('default', configMap('a'), t.options())
    const results = await Promise.allSettled(
      writers.map((index) =>
        t.configMaps.update(ref, { ...object, data: { by: String(index) } } as TestObject, t.options()),
      ),
    )
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 409 })
    }
  })

  it('are told when the object goes away between them', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const patch = (index: number): Promise<unknown> =>
      t.configMaps.patch(ref, { type: 'merge', patch: { data: { by: String(index) } } }, t.options())
    const before = writers.map(patch)
    const deletion = t.configMaps.delete(ref, {}, t.options())
    const after = writers.map((index) => patch(index + 100))
    await deletion
    for (const result of await Promise.allSettled([...before, ...after])) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 404 })
    }
    await expect(t.configMaps.get('default', 'a')).rejects.toMatchObject({ code: 404 })
  })

  it('go on past refusals', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const results = await Promise.allSettled(
      writers.map((index) => {
        const patch = index % 2 === 0 ? { data: { [`key-${index}`]: 'x' } } : { metadata: { name: 'other' } }
        return t.configMaps.patch(ref, { type: 'merge', patch }, t.options())
      }),
    )
    results.forEach((result, index) => expect(result.status).toBe(index % 2 === 0 ? 'fulfilled' : 'rejected'))
    expect(t.registry.revision).toBe(writers.length / 2 + 1)
  })
})
