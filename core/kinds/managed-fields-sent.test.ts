import { describe, expect, it } from 'vitest'
import type { KubeObject, ManagedFieldsEntry } from '../api/meta.ts'
import type { StatusError } from '../api/status.ts'
import type { ResourceRegistry } from '../registry/registry.ts'
import type { AnyObject } from './testing/test-kinds.ts'
import { deployment, entryOf, useWriters, web } from './testing/use-writers.ts'

const { as, resource, deployments } = useWriters()

describe('server-side apply of a scale', () => {
  const scale = (replicas: number | undefined): object => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web' },
    spec: { replicas },
  })
  const apply = (replicas: number | undefined, force = false): Promise<AnyObject> =>
    deployments()
      .patch(web, { type: 'apply', patch: scale(replicas), force }, as('hpa', { subresource: 'scale' }))
      .then(({ object }) => object)

  it('owns the replicas of the parent, and conflicts over them', async () => {
    await deployments().create('default', deployment, as('ada'))
    await expect(apply(4)).rejects.toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "ada" using apps/v1: .spec.replicas',
    })
    expect(await apply(4, true)).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
    const { object } = await deployments().get('default', 'web')
    expect(object).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } })
    expect(entryOf(object, 'hpa', 'scale')).toMatchObject({
      operation: 'Apply',
      apiVersion: 'apps/v1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    })
  })
})

describe('a write to status', () => {
  it('may change metadata, but not what the kind keeps', async () => {
    await deployments().create('default', deployment, as('ada'))
    const patch = {
      metadata: { annotations: { patched: 'yes' }, labels: { app: 'other' } },
      status: { replicas: 1 },
    }
    const { object } = await deployments().patch(
      web,
      { type: 'merge', patch },
      as('m', { subresource: 'status' }),
    )
    expect(object.metadata).toMatchObject({ annotations: { patched: 'yes' }, labels: { app: 'web' } })
    expect(object).toMatchObject({ status: { replicas: 1 }, spec: { replicas: 2 } })
  })
})

describe('managedFields that a client sends', () => {
  const entry = (change: object = {}): ManagedFieldsEntry => ({
    manager: 'me',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2025-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
    ...change,
  })
  const maps = (): ResourceRegistry => resource('', 'v1', 'configmaps')
  const map = (managedFields?: ManagedFieldsEntry[], data = { a: '1' }): KubeObject => {
    const metadata = { name: 'web', ...(managedFields && { managedFields }) }
    return { metadata, data } as KubeObject
  }

  it('are taken, but not at creation, where the writer sets everything', async () => {
    const { object } = await maps().create('default', map([entry()]), as('ada'))
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['ada'])
    const { object: changed } = await maps().update(web, map([entry({ manager: 'you' })]), as('ada'))
    expect(changed.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['you'])
  })

  it.each([
    ['operation', { operation: 'Guess' }],
    ['apiVersion', { apiVersion: '' }],
    ['fieldsType', { fieldsType: 'FieldsV2' }],
    ['no fieldsType', { fieldsType: undefined }],
    ['list', { fieldsV1: [] }],
    ['element', { fieldsV1: { data: {} } }],
    ['key', { fieldsV1: { 'f:data': { 'k:{"name"': {} } } }],
    ['value', { fieldsV1: { 'f:data': { 'v:x': {} } } }],
    ['text', { fieldsV1: { 'f:data': 'a' } }],
  ])('count as not sent when the %s makes no sense', async (_what, change) => {
    await maps().create('default', map([entry(change)]), as('ada'))
    const { object } = await maps().update(web, map([entry(change)], { a: '2' }), as('bob'))
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['ada', 'bob'])
  })

  it('are refused for names that are too long or cannot be printed', async () => {
    await maps().create('default', map(), as('ada'))
    const fields = [
      entry({ manager: 'x'.repeat(129) }),
      entry({ manager: 'a\u0007' }),
      entry({ subresource: 'x'.repeat(257) }),
    ]
    const refused = await maps()
      .update(web, map(fields), as('ada'))
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 422 })
    const { causes = [] } = (refused as StatusError).status.details ?? {}
    // What is sent is put in order first; metadata is judged by the server and by the kind, which each tell of it.
    const told = new Set(causes.map(({ field, message }) => `${field}: ${message}`))
    expect([...told]).toEqual([
      expect.stringMatching(
        /^metadata\.managedFields\[0\]\.manager: .*invalid character U\+0007 \(at position 1\)/,
      ),
      'metadata.managedFields[1].subresource: Too long: may not be more than 256 bytes',
      'metadata.managedFields[2].manager: Too long: may not be more than 128 bytes',
    ])
  })
})
