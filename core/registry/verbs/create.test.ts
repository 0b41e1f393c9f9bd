import { describe, expect, it } from 'vitest'
import { StatusError } from '../../api/status.ts'
import { TestRegistry, configMap, deployment, pod } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

async function failureOf(promise: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StatusError)
  return error as StatusError
}

describe('create', () => {
  it('fills in the system metadata and serves the stored bytes', async () => {
    const t = new TestRegistry()
    const { object, bytes } = await t.configMaps.create(
      'default',
      configMap('a', { key: 'value' }),
      t.options(),
    )
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: '1',
        creationTimestamp: '2026-01-01T00:00:00Z',
        managedFields: [
          {
            manager: 'test',
            operation: 'Update',
            apiVersion: 'v1',
            time: '2026-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:key': {} } },
          },
        ],
      },
      data: { key: 'value' },
    })
    expect(JSON.parse(Buffer.from(bytes!).toString())).toEqual(object)
    expect((await t.configMaps.get('default', 'a')).bytes).toBe(bytes)
  })

  it('never changes the body it is given', async () => {
    const t = new TestRegistry()
    const body = deployment('web')
    const before = structuredClone(body)
    await t.deployments.create('default', body, t.options())
    expect(body).toEqual(before)
  })

  it('drops a status sent along, and starts generation at 1', async () => {
    const t = new TestRegistry()
    const body = { ...deployment('web'), status: { replicas: 7 } }
    const object = (await t.deployments.create('default', body, t.options())).object as TestObject
    expect(object.status).toEqual({})
    expect(object.metadata.generation).toBe(1)
    expect(object.spec?.['replicas']).toBe(1)
  })

  it('keeps the status where the kind says so', async () => {
    const t = new TestRegistry()
    const body: TestObject = { metadata: { name: 'n1' }, status: { phase: 'Running' } }
    const object = (await t.nodes.create(undefined, body, t.options())).object as TestObject
    expect(object.status).toMatchObject({ phase: 'Running' })
  })

  it('generates a name of five safe characters after the prefix, cut to fit a DNS label', async () => {
    const t = new TestRegistry()
    const body = (generateName: string): TestObject => ({ metadata: { name: '', generateName } })
    const short = await t.configMaps.create('default', body('web-'), t.options())
    expect(short.object.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    const long = await t.configMaps.create('default', body('x'.repeat(100)), t.options())
    expect(long.object.metadata.name).toHaveLength(63)
  })

  it('refuses a name that is taken', async () => {
    const t = new TestRegistry()
    await t.configMaps.create('default', configMap('a'), t.options())
    const error = await failureOf(t.configMaps.create('default', configMap('a'), t.options()))
    expect(error.status).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
    })
  })

  it('refuses a namespace other than that of the request', async () => {
    const t = new TestRegistry()
    const body = { metadata: { name: 'a', namespace: 'other' } }
    const error = await failureOf(t.configMaps.create('default', body, t.options()))
    expect(error.message).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
    expect(error.code).toBe(400)
  })

  it('refuses a resourceVersion', async () => {
    const t = new TestRegistry()
    const body = { metadata: { name: 'a', resourceVersion: '5' } }
    const error = await failureOf(t.configMaps.create('default', body, t.options()))
    expect(error.message).toBe('resourceVersion should not be set on objects to be created')
  })

  it('refuses a body of another kind or version', async () => {
    const t = new TestRegistry()
    const kind = await failureOf(t.pods.create('default', { ...pod('a'), kind: 'Secret' }, t.options()))
    expect(kind.message).toContain('Secret in version "v1" cannot be handled as a Pod')
    const version = await failureOf(t.pods.create('default', { ...pod('a'), apiVersion: 'v2' }, t.options()))
    expect(version.message).toBe(
      'Pod in version "v2" cannot be handled as a Pod: no kind "Pod" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    )
  })

  it('reports every metadata problem at once', async () => {
    const t = new TestRegistry()
    const body = {
      metadata: {
        name: 'Bad_Name',
        labels: { 'a b': 'ok', ok: 'not ok' },
        annotations: { big: 'x'.repeat(262_145) },
      },
    }
    const error = await failureOf(t.configMaps.create('default', body, t.options()))
    expect(error.status.reason).toBe('Invalid')
    expect(error.status.details?.causes?.map((cause) => cause.field)).toEqual([
      'metadata.name',
      'metadata.labels',
      'metadata.labels',
      'metadata.annotations',
    ])
    expect(error.message).toContain('metadata.annotations: Too long: may not be more than 262144 bytes')
  })

  it('requires a name or generateName', async () => {
    const t = new TestRegistry()
    const error = await failureOf(t.configMaps.create('default', { metadata: { name: '' } }, t.options()))
    expect(error.message).toBe(
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    )
  })

  it('judges unknown fields by fieldValidation', async () => {
    const t = new TestRegistry()
    const body = { ...configMap('a'), extra: 1 }
    const strict = await failureOf(
      t.configMaps.create(
        'default',
        body,
        t.options({ fieldValidation: 'Strict', decodeProblems: { messages: ['duplicate field "data.k"'] } }),
      ),
    )
    expect(strict.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.k", unknown field "extra"',
    )
    const { object } = await t.configMaps.create('default', body, t.options({ fieldValidation: 'Warn' }))
    expect(t.warnings).toEqual(['unknown field "extra"'])
    expect(object).not.toHaveProperty('extra')
    await t.configMaps.create(
      'default',
      { ...body, metadata: { name: 'b' } },
      t.options({ fieldValidation: 'Ignore' }),
    )
    expect(t.warnings).toHaveLength(1)
  })

  it('answers a dry run without storing anything', async () => {
    const t = new TestRegistry()
    const options = t.options({ context: t.context({ dryRun: true }) })
    const { object } = await t.configMaps.create('default', configMap('a'), options)
    expect(object.metadata.uid).toBeDefined()
    expect(object.metadata.resourceVersion).toBeUndefined()
    await expect(t.configMaps.get('default', 'a')).rejects.toMatchObject({ code: 404 })
  })

  it('runs mutating admission before validation, and validating admission on what results', async () => {
    const seen: unknown[] = []
    const t = new TestRegistry([
      { name: 'mutate', admit: async ({ object }) => void ((object as TestObject).data = { added: 'yes' }) },
      { name: 'validate', validate: ({ object }) => void seen.push((object as TestObject).data) },
    ])
    const { object } = await t.configMaps.create('default', configMap('a'), t.options())
    expect((object as TestObject).data).toEqual({ added: 'yes' })
    expect(seen).toEqual([{ added: 'yes' }])
  })
})
