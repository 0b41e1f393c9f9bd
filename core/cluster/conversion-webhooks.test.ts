import { describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import type { WatchEvent } from '../client/transport.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'
import { refusal } from './testing/refusal.ts'
import { answer, convert, useConversion, v1, v2 } from './testing/use-conversion.ts'

describe('conversion webhooks of an API server', () => {
  const under = useConversion()
  const { route } = under

  it('shows and takes objects in every version, with upstream’s review', async () => {
    const { metadata } = await under.client.create(v1, route())
    expect(under.hooks.requests).toEqual([])
    const ref = { namespace: 'default', name: metadata.name }
    const shown = (await under.client.get(v2, ref)) as Json
    expect(shown).toEqual({
      apiVersion: 'example.com/v2',
      kind: 'Route',
      metadata,
      spec: { address: 'a:1', weight: 5 },
    })
    const [{ path, body }] = under.hooks.requests as [{ path: string; body: Json }]
    expect(path).toBe('/convert?timeout=30s')
    expect(body).toEqual({
      kind: 'ConversionReview',
      apiVersion: 'apiextensions.k8s.io/v1',
      request: {
        uid: expect.any(String),
        desiredAPIVersion: 'example.com/v2',
        objects: [{ apiVersion: 'example.com/v1', kind: 'Route', metadata, spec: { host: 'a', port: 1 } }],
      },
      // Upstream's review has room for the answer already.
      response: { uid: '', convertedObjects: null, result: { metadata: {} } },
    })
    const updated = (await under.client.update(v2, { ...shown, spec: { address: 'b:2' } })) as Json
    expect(updated.spec).toEqual({ address: 'b:2', weight: 5 })
    expect(((await under.client.get(v1, ref)) as Json).spec).toEqual({ host: 'b', port: 2 })
    const patched = await under.client.patch(v2, ref, { type: 'merge', body: { spec: { address: 'c:3' } } })
    expect((patched as Json).spec.address).toBe('c:3')
    const applied = await under.client.patch(v2, ref, {
      type: 'apply',
      fieldManager: 'me',
      force: true,
      body: {
        apiVersion: 'example.com/v2',
        kind: 'Route',
        metadata: { name: ref.name },
        spec: { address: 'd:4' },
      },
    })
    expect((applied as Json).spec.address).toBe('d:4')
    const status = (await under.client.updateStatus(v2, {
      ...(await under.client.get(v2, ref)),
      status: { ok: true },
    } as Json)) as Json
    expect(status).toMatchObject({ spec: { address: 'd:4' }, status: { ok: true } })
    const made = (await under.client.create(v2, route({ spec: { address: 'e:5' } }))) as Json
    expect(made).toMatchObject({ apiVersion: 'example.com/v2', spec: { address: 'e:5' } })
    await under.client.delete(v2, { namespace: 'default', name: made.metadata.name })
    const left = await under.client.list(v1, { namespace: 'default' })
    expect(left.items.map(({ metadata: { name: one } }) => one)).toEqual([ref.name])
  })

  it('asks once for a whole list, and not again for what it knows', async () => {
    for (let index = 0; index < 5; index++)
      await under.client.create(v1, route({ spec: { host: 'h', port: index } }))
    const list = await under.client.list(v2, { namespace: 'default' })
    expect((list.items as Json[]).map(({ spec }) => spec.address)).toEqual([
      'h:0',
      'h:1',
      'h:2',
      'h:3',
      'h:4',
    ])
    expect(under.hooks.requests.map(({ body }) => body.request.objects.length)).toEqual([5])
    await under.client.list(v2, { namespace: 'default' })
    expect(under.hooks.requests).toHaveLength(1)
  })

  it('watches in another version, in order', async () => {
    const events: WatchEvent[] = []
    const end = new AbortController()
    const { metadata } = await under.client.list(v2, { namespace: 'default' })
    const watching = under.client.transport.watch(
      {
        resource: v2,
        namespace: 'default',
        query: { resourceVersion: metadata.resourceVersion! },
        signal: end.signal,
      },
      (batch) => events.push(...batch),
    )
    const made = (await under.client.create(v1, route())) as Json
    await under.client.update(v1, { ...made, spec: { host: 'a', port: 2 } })
    await under.client.delete(v1, { namespace: 'default', name: made.metadata.name })
    await waitFor(() => (events.length === 3 ? true : undefined))
    end.abort()
    await watching
    expect(events.map(({ type, object }) => [type, (object as Json).spec.address])).toEqual([
      ['ADDED', 'a:1'],
      ['MODIFIED', 'a:2'],
      ['DELETED', 'a:2'],
    ])
  })

  it('says that an object is deleted also when the webhook has gone since it was read', async () => {
    const { metadata } = await under.client.create(v1, route())
    const ref = { namespace: 'default', name: metadata.name }
    await under.client.get(v2, ref)
    under.hooks.answers.delete('/convert')
    expect(await refusal(under.client.delete(v2, ref))).toBe('allowed')
    expect(await refusal(under.client.get(v1, ref))).toMatch('not found')
  })

  it('keeps an object whose deletion it could not answer', async () => {
    const { metadata } = await under.client.create(v1, route())
    const ref = { namespace: 'default', name: metadata.name }
    under.hooks.answers.delete('/convert')
    expect(await refusal(under.client.delete(v2, ref))).toMatch(
      'conversion webhook for example.com/v1, Kind=Route',
    )
    expect(await refusal(under.client.get(v1, ref))).toBe('allowed')
  })

  it('loses no write of many at once', async () => {
    const { metadata } = await under.client.create(v1, route())
    const ref = { namespace: 'default', name: metadata.name }
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        under.client.patch(index % 2 ? v1 : v2, ref, {
          type: 'merge',
          body: { metadata: { labels: { [`l${index}`]: 'x' } } },
        }),
      ),
    )
    const { labels } = (await under.client.get(v1, ref)).metadata
    expect(Object.keys(labels!).toSorted()).toEqual(['l0', 'l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7'])
  })

  it('keeps metadata but labels and annotations, and says what is wrong with an answer', async () => {
    const { metadata } = await under.client.create(
      v1,
      route({ metadata: { name: 'kept', namespace: 'default', labels: { a: 'b' } } }),
    )
    const get = (): Promise<Json> => under.client.get(v2, { namespace: 'default', name: 'kept' })
    const during = (change: (object: Json) => object): void =>
      void under.hooks.answers.set('/convert', (body) => {
        const [object] = body.request.objects
        return answer(body, { convertedObjects: [change(convert(object, body.request.desiredAPIVersion))] })
      })
    const prefix = '500 conversion webhook for example.com/v1, Kind=Route'
    const cases: [(object: Json) => object, string][] = [
      [
        (object) => ({ ...object, apiVersion: 'example.com/v3' }),
        'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)',
      ],
      [
        (object) => ({ ...object, kind: 'Road' }),
        'returned invalid object at index 0: invalid kind (expected Route, received Road)',
      ],
      [
        (object) => ({ ...object, metadata: { ...object.metadata, name: 'x' } }),
        'returned invalid object: must have the same name: kept != x',
      ],
      [
        (object) => ({ ...object, metadata: { ...object.metadata, uid: 'x' } }),
        `returned invalid object: must have the same UID: ${metadata.uid} != x`,
      ],
      [
        (object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 1 } } }),
        'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
      ],
    ]
    for (const [change, why] of cases) {
      during(change)
      expect(await refusal(get())).toBe(`${prefix} ${why}`)
    }
    under.hooks.answers.set('/convert', (body) => answer(body, { convertedObjects: [] }))
    expect(await refusal(get())).toBe(`${prefix} returned 0 objects, expected 1`)
    under.hooks.answers.set('/convert', (body) =>
      answer(body, { result: { status: 'Failed', message: 'cannot' } }),
    )
    expect(await refusal(get())).toBe(`${prefix} failed: cannot`)
    under.hooks.answers.set('/convert', (body) => answer(body, { result: {} }))
    expect(await refusal(get())).toBe(`${prefix} failed: response.result.status was '', not 'Success'`)
    under.hooks.answers.delete('/convert')
    expect(await refusal(under.client.list(v2, { namespace: 'default' }))).toMatch(`${prefix} failed: `)
    expect(await refusal(under.client.get(v1, { namespace: 'default', name: 'kept' }))).toBe('allowed')

    during((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        finalizers: ['x/y'],
        generation: 9,
        labels: { c: 'd' },
        annotations: { e: 'f' },
      },
    }))
    const { labels: _labels, ...rest } = metadata
    expect((await get()).metadata).toEqual({ ...rest, labels: { c: 'd' }, annotations: { e: 'f' } })
  })

  it('gives policies the version that they ask for', async () => {
    await under.client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: 'routes' },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['example.com'],
              apiVersions: ['v2'],
              operations: ['CREATE'],
              resources: ['routes'],
            },
          ],
        },
        validations: [{ expression: "object.spec.address != 'bad:1'", message: 'a bad address' }],
      },
    } as Json)
    await under.client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: 'routes' },
      spec: { policyName: 'routes', validationActions: ['Deny'] },
    } as Json)
    await waitFor(async () => {
      const said = await refusal(under.client.create(v1, route({ spec: { host: 'bad', port: 1 } })))
      return (
        said.endsWith(
          "ValidatingAdmissionPolicy 'routes' with binding 'routes' denied request: a bad address",
        ) || undefined
      )
    })
    expect(await refusal(under.client.create(v1, route()))).toBe('allowed')
  })
})
