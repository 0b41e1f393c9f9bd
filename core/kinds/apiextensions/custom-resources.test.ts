import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import { createRegistry } from '../../registry/create-registry.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { builtInKinds } from '../index.ts'
import { customResourceDefinition } from './customresourcedefinition/index.ts'
import { followDefinitions } from './follow-definitions.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'
import type { Store } from '../../storage/store.ts'

/** JSON of any shape. */
type Any = ReturnType<typeof JSON.parse>

const widgetSpec = `
type: object
properties:
  text: { type: string, minLength: 2, maxLength: 4, pattern: '^[a-z]+$' }
  color: { type: string, enum: [red, green] }
  maybe: { type: string, nullable: true }
  count: { type: integer, minimum: 1, maximum: 10, multipleOf: 2 }
  ratio: { type: number, minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true }
  flag: { type: boolean }
  port: { x-kubernetes-int-or-string: true }
  size: { type: string, default: medium }
  nested: { type: object, default: {}, properties: { deep: { type: integer, default: 7 } } }
  list: { type: array, minItems: 1, maxItems: 2, items: { type: string } }
  set: { type: array, items: { type: string }, x-kubernetes-list-type: set }
  parts:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items: { type: object, required: [name], properties: { name: { type: string }, weight: { type: number } } }
  labels: { type: object, additionalProperties: { type: string }, minProperties: 1, maxProperties: 2 }
  free: { type: object, x-kubernetes-preserve-unknown-fields: true, properties: { known: { type: object } } }
  embedded: { type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true }
  when: { type: string, format: date-time }
  address: { type: string, format: ipv4 }
  link: { type: string, format: uri }
  either: { type: object, properties: { a: { type: string }, b: { type: string } }, oneOf: [{ required: [a] }, { required: [b] }] }
  some: { type: integer, anyOf: [{ minimum: 10 }, { maximum: 2 }] }
  both: { type: integer, allOf: [{ minimum: 3 }, { multipleOf: 5 }] }
  never: { type: string, not: { enum: [bad] } }
`

function definition(overrides: Any = {}): Any {
  const { spec, ...rest } = overrides as { spec?: Any }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
      versions: [version()],
      ...spec,
    },
    ...rest,
  }
}

function version(overrides: Any = {}): Any {
  const spec = parse(widgetSpec) as Schema
  const status = {
    type: 'object',
    properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
  }
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    ...overrides,
  }
}

const withSpec = (schema: Any): Any =>
  definition({
    spec: {
      versions: [version({ schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema } } } })],
    },
  })

class Cluster {
  readonly warnings: string[] = []
  readonly registry: Registry
  readonly #clock = new FakeClock()

  readonly store: Store

  constructor(store: Store = createMemoryStore()) {
    this.store = store
    this.registry = createRegistry({
      store: this.store,
      kinds: [customResourceDefinition, ...builtInKinds.filter(({ kind }) => kind === 'ConfigMap')],
      admission: [],
      clock: this.#clock,
      log: silentLogger,
    })
  }

  follow(): Promise<Disposable> {
    return followDefinitions({ registry: this.registry, clock: this.#clock, log: silentLogger })
  }

  options(overrides: Partial<WriteOptions> = {}): WriteOptions {
    const context: RequestContext = {
      user: { name: 'test', groups: [] },
      dryRun: false,
      fieldManager: 'test',
      now: '2026-01-01T00:00:00Z',
      warn: (message) => this.warnings.push(message),
    }
    return { context, fieldValidation: 'Warn', ...overrides }
  }

  get definitions(): ResourceRegistry {
    return this.registry.resource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')!
  }

  widgets(wanted = 'v1'): ResourceRegistry {
    return this.registry.resource('example.com', wanted, 'widgets')!
  }

  /** Creates a definition and does what the controllers would do about it. */
  async define(crd: Any = definition()): Promise<void> {
    const { object } = await this.definitions.create(undefined, crd, this.options())
    await this.establish(object)
  }

  async establish(object: Any): Promise<void> {
    const status = {
      ...object.status,
      acceptedNames: object.spec.names,
      conditions: [{ type: 'Established', status: 'True' }],
    }
    await this.definitions.update(
      { namespace: undefined, name: object.metadata.name },
      { ...object, status },
      this.options({ subresource: 'status' }),
    )
  }

  async create(spec: Any, name = 'one', wanted = 'v1'): Promise<Any> {
    const object = {
      apiVersion: `example.com/${wanted}`,
      kind: 'Widget',
      metadata: { name },
      spec,
    } as KubeObject
    return (await this.widgets(wanted).create('default', object, this.options())).object
  }
}

async function started(crd?: Any): Promise<Cluster> {
  const cluster = new Cluster()
  await cluster.follow()
  await cluster.define(crd)
  return cluster
}

async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  return work.then(
    () => [],
    (error: Any) =>
      error.status.details.causes.map((cause: Any) => `${cause.field}: ${cause.message}`) as string[],
  )
}

describe('custom resources', () => {
  it('refuses values of any shape by what is wrong with them', async () => {
    const cluster = await started()
    const names = Object.keys((parse(widgetSpec) as Any).properties)
    const shapes = [{}, [], 'x', 1, 1.5, true, null, [[]], [1], [null], { a: [] }]
    for (const name of names) {
      for (const [index, shape] of shapes.entries()) {
        await cluster.create({ [name]: shape }, `${name.toLowerCase()}-${index}`).catch((error: Any) => {
          if (error.status?.code !== 422) throw error
        })
      }
    }
  })

  it('are pruned, with a warning, and defaulted', async () => {
    const cluster = await started()
    const { spec } = await cluster.create({
      text: 'abc',
      unknown: 1,
      maybe: null,
      flag: null,
      nested: { other: true },
      parts: [{ name: 'a', extra: 1 }],
      free: { anything: { goes: [1] }, known: { pruned: 1 } },
      labels: { a: 'b' },
    })
    expect(spec).toEqual({
      text: 'abc',
      maybe: null,
      nested: { deep: 7 },
      parts: [{ name: 'a' }],
      free: { anything: { goes: [1] }, known: {} },
      labels: { a: 'b' },
      size: 'medium',
    })
    expect(cluster.warnings).toEqual([
      'unknown field "spec.free.known.pruned"',
      'unknown field "spec.nested.other"',
      'unknown field "spec.parts[0].extra"',
      'unknown field "spec.unknown"',
    ])
  })

  it.each<[string, Any, string[]]>([
    [
      'a wrong type',
      { count: 'x' },
      ['spec.count: Invalid value: "string": spec.count in body must be of type integer: "string"'],
    ],
    [
      'a fraction for an integer',
      { count: 2.5 },
      [
        'spec.count: Invalid value: "number": spec.count in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.count',
        'spec.count: Invalid value: 2.5: spec.count in body should be a multiple of 2',
      ],
    ],
    [
      'an enumeration',
      { color: 'pink' },
      ['spec.color: Unsupported value: "pink": supported values: "red", "green"'],
    ],
    [
      'a pattern',
      { text: 'A1' },
      [`spec.text: Invalid value: "A1": spec.text in body should match '^[a-z]+$'`],
    ],
    [
      'too short',
      { text: 'a' },
      ['spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long'],
    ],
    ['too long', { text: 'abcde' }, ['spec.text: Too long: may not be more than 4 bytes']],
    [
      'a minimum',
      { count: 0 },
      ['spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1'],
    ],
    [
      'a maximum',
      { count: 12 },
      ['spec.count: Invalid value: 12: spec.count in body should be less than or equal to 10'],
    ],
    [
      'exclusive bounds',
      { ratio: 1 },
      ['spec.ratio: Invalid value: 1: spec.ratio in body should be less than 1'],
    ],
    [
      'multiples',
      { count: 3 },
      ['spec.count: Invalid value: 3: spec.count in body should be a multiple of 2'],
    ],
    [
      'int or string',
      { port: true },
      ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
    ],
    [
      'too few items',
      { list: [] },
      ['spec.list: Invalid value: 0: spec.list in body should have at least 1 items'],
    ],
    ['too many items', { list: ['a', 'b', 'c'] }, ['spec.list: Too many: 3: must have at most 2 items']],
    [
      'items',
      { list: ['a', 1] },
      ['spec.list[1]: Invalid value: "integer": spec.list[1] in body must be of type string: "integer"'],
    ],
    ['sets', { set: ['a', 'b', 'a'] }, ['spec.set[2]: Duplicate value: "a"']],
    [
      'map lists',
      { parts: [{ name: 'a' }, { name: 'a' }] },
      ['spec.parts[1]: Duplicate value: {"name":"a"}'],
    ],
    ['required members', { parts: [{ weight: 1 }] }, ['spec.parts[0].name: Required value']],
    [
      'values of maps',
      { labels: { a: 1 } },
      ['spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"'],
    ],
    [
      'too many members',
      { labels: { a: '', b: '', c: '' } },
      ['spec.labels: Too many: 3: must have at most 2 items'],
    ],
    [
      'date-times',
      { when: 'now' },
      ['spec.when: Invalid value: "now": spec.when in body must be of type date-time: "now"'],
    ],
    [
      'addresses',
      { address: '::1' },
      ['spec.address: Invalid value: "::1": spec.address in body must be of type ipv4: "::1"'],
    ],
    [
      'links',
      { link: 'no link' },
      ['spec.link: Invalid value: "no link": spec.link in body must be of type uri: "no link"'],
    ],
    [
      'embedded objects',
      { embedded: { kind: '' } },
      [
        'spec.embedded.apiVersion: Required value',
        'spec.embedded.kind: Invalid value: "": must not be empty',
      ],
    ],
    [
      'oneOf, none',
      { either: {} },
      [
        '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found none valid',
        'spec.either.a: Required value',
      ],
    ],
    [
      'oneOf, both',
      { either: { a: '', b: '' } },
      [
        '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      'anyOf',
      { some: 5 },
      [
        '<nil>: Invalid value: "": "spec.some" must validate at least one schema (anyOf)',
        'spec.some: Invalid value: 5: spec.some in body should be greater than or equal to 10',
      ],
    ],
    [
      'allOf',
      { both: 4 },
      [
        'spec.both: Invalid value: 4: spec.both in body should be a multiple of 5',
        '<nil>: Invalid value: "": "spec.both" must validate all the schemas (allOf)',
      ],
    ],
    ['not', { never: 'bad' }, ['<nil>: Invalid value: "": "spec.never" must not validate the schema (not)']],
    [
      'several at once',
      { count: 0, text: 'a' },
      [
        'spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1',
        'spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long',
      ],
    ],
  ])('are checked: %s', async (_what, spec, problems) => {
    const cluster = await started()
    expect((await problemsOf(cluster.create(spec))).sort()).toEqual([...problems].sort())
  })

  it('accepts what fits', async () => {
    const cluster = await started()
    const spec = {
      text: 'abc',
      count: 4,
      ratio: 0.5,
      port: '80%',
      when: '2026-01-01T00:00:00.5+01:00',
      address: '10.0.0.1',
      link: 'https://example.com/x',
      either: { b: 'x' },
      some: 1,
      both: 10,
      embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', bogus: 1 }, spec: {} },
    }
    const object = await cluster.create(spec)
    expect(object.spec).toMatchObject({ ...spec, embedded: { metadata: { name: 'x' } } })
    expect(object.spec.embedded.metadata).not.toHaveProperty('bogus')
  })

  it('may keep what was wrong before, but not make more of it wrong', async () => {
    const cluster = await started()
    await cluster.create({ text: 'abcd', count: 2 })
    const narrower = parse(widgetSpec) as Any
    narrower.properties.text.maxLength = 3
    const { object } = await cluster.definitions.get(undefined, 'widgets.example.com')
    const next = structuredClone(object) as Any
    next.spec.versions[0].schema.openAPIV3Schema.properties.spec = narrower
    await cluster.definitions.update(
      { namespace: undefined, name: 'widgets.example.com' },
      next,
      cluster.options(),
    )
    const patch = (spec: Any): Promise<unknown> =>
      cluster
        .widgets()
        .patch({ namespace: 'default', name: 'one' }, { type: 'merge', patch: { spec } }, cluster.options())
    await patch({ count: 4 })
    expect(await problemsOf(patch({ text: 'efgh' }))).toEqual([
      'spec.text: Too long: may not be more than 3 bytes',
    ])
  })

  it('must say what they are, in bodies and after patches', async () => {
    const cluster = await started()
    await cluster.create({ text: 'ab' })
    const ref = { namespace: 'default', name: 'one' }
    const metadata = { name: 'two' }
    const create = (body: Any): Promise<unknown> =>
      cluster.widgets().create('default', body, cluster.options())
    const merge = (patch: Any): Promise<unknown> =>
      cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())
    await expect(create({ metadata })).rejects.toMatchObject({
      code: 400,
      message: `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"metadata":{"name":"two"}}' ({"metadata":{"name":"two"}})`,
    })
    await expect(create({ kind: 'Widget', metadata })).rejects.toMatchObject({
      code: 400,
      message: 'the API version in the data () does not match the expected API version (example.com/v1)',
    })
    await expect(create({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata })).rejects.toMatchObject({
      code: 422,
      message: 'Gadget.example.com "two" is invalid: kind: Invalid value: "Gadget": must be Widget',
    })
    await expect(merge({ kind: 'Gadget' })).rejects.toMatchObject({
      code: 422,
      message: 'Gadget.example.com "one" is invalid: kind: Invalid value: "Gadget": must be Widget',
    })
    expect(await problemsOf(merge({ apiVersion: 'example.com/v2' }))).toEqual([
      'apiVersion: Invalid value: "example.com/v2": must be example.com/v1',
    ])
    await expect(merge({ apiVersion: 'v2' })).rejects.toMatchObject({
      message: 'Widget "one" is invalid: apiVersion: Invalid value: "v2": must be example.com/v1',
    })
  })

  it('are only updated with a version, through status too, and keep their uid', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { status: {} } })] } }),
    )
    const widget = await cluster.create({ text: 'ab' })
    const ref = { namespace: 'default', name: 'one' }
    const { resourceVersion: _left, ...metadata } = widget.metadata
    const refusal = {
      code: 422,
      message:
        'widgets.example.com "one" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    }
    for (const subresource of [undefined, 'status']) {
      const options = cluster.options(subresource === undefined ? {} : { subresource })
      for (const meta of [metadata, { ...metadata, resourceVersion: '0' }]) {
        const body = { ...widget, metadata: meta }
        await expect(cluster.widgets().update(ref, body, options)).rejects.toMatchObject(refusal)
      }
      await cluster.widgets().update(ref, widget, options)
      const nothing = { metadata: { resourceVersion: null } }
      await expect(
        cluster.widgets().patch(ref, { type: 'merge', patch: nothing }, options),
      ).rejects.toMatchObject(refusal)
    }
    const patch = { metadata: { uid: 'q' } }
    const immutable = 'metadata.uid: Invalid value: "q": field is immutable'
    expect(
      await problemsOf(cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())),
    ).toEqual([immutable, immutable])
  })

  it('refuse strategic merge patches and take the others', async () => {
    const cluster = await started()
    await cluster.create({ parts: [{ name: 'a' }] })
    const ref = { namespace: 'default', name: 'one' }
    const patch = { spec: { size: 'big' } }
    await expect(
      cluster.widgets().patch(ref, { type: 'strategic', patch }, cluster.options()),
    ).rejects.toMatchObject({ code: 415 })
    await cluster.widgets().patch(ref, { type: 'merge', patch }, cluster.options())
    const config = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      spec: { parts: [{ name: 'b' }], free: { x: { y: 1 } } },
    }
    const { object } = await cluster.widgets().patch(ref, { type: 'apply', patch: config }, cluster.options())
    expect((object as Any).spec).toMatchObject({ size: 'big', parts: [{ name: 'a' }, { name: 'b' }] })
    const entry = object.metadata.managedFields!.find(({ operation }) => operation === 'Apply') as Any
    expect(entry.fieldsV1['f:spec']).toEqual({
      'f:free': { 'f:x': { '.': {}, 'f:y': {} } },
      'f:parts': { 'k:{"name":"b"}': { '.': {}, 'f:name': {} } },
    })
  })

  it('belong to their writers with the nulls that they may have', async () => {
    const cluster = await started()
    const { metadata } = await cluster.create({ maybe: null, free: { a: { b: null } } })
    const [{ fieldsV1 }] = metadata.managedFields
    expect(fieldsV1['f:spec']).toMatchObject({
      'f:maybe': {},
      'f:free': { '.': {}, 'f:a': { '.': {}, 'f:b': {} } },
    })
  })

  it('keep their metadata when an apply lets go of the last label', async () => {
    const cluster = await started()
    const apply = async (metadata: Any): Promise<Any> => {
      const patch = { apiVersion: 'example.com/v1', kind: 'Widget', metadata, spec: { count: 2 } }
      const ref = { namespace: 'default', name: 'one' }
      return (await cluster.widgets().patch(ref, { type: 'apply', patch, force: false }, cluster.options()))
        .object
    }
    const before = await apply({ name: 'one', labels: { a: 'b' } })
    const { metadata } = await apply({ name: 'one' })
    expect(metadata).toMatchObject({
      name: 'one',
      uid: before.metadata.uid,
      creationTimestamp: before.metadata.creationTimestamp,
    })
    expect(metadata.labels).toBeUndefined()
  })

  it('warn of new finalizers that belong to no domain', async () => {
    const cluster = await started()
    const { metadata } = await cluster.create({})
    const patch = (finalizers: string[]): Promise<unknown> =>
      cluster
        .widgets()
        .patch(
          { namespace: 'default', name: metadata.name },
          { type: 'merge', patch: { metadata: { finalizers } } },
          cluster.options(),
        )
    await patch(['orphan', 'a/b', 'x', 'a.b'])
    await patch(['orphan', 'a/b', 'x', 'a.b'])
    const why = 'to avoid accidental conflicts with other finalizer writers'
    expect(cluster.warnings).toEqual([
      `metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) ${why}`,
      `metadata.finalizers: "x": prefer a domain-qualified finalizer name ${why}`,
    ])
  })

  it('count generations by everything but metadata and status', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version({ subresources: { status: {} } })] } }),
    )
    const object = await cluster.create({ text: 'abc' })
    expect(object.metadata.generation).toBe(1)
    const ref = { namespace: 'default', name: 'one' }
    const patch = async (body: Any, subresource?: string): Promise<Any> => {
      const options = cluster.options(subresource === undefined ? {} : { subresource })
      return (await cluster.widgets().patch(ref, { type: 'merge', patch: body }, options)).object
    }
    expect(
      (await patch({ metadata: { labels: { a: 'b' } }, status: { replicas: 1 } })).metadata.generation,
    ).toBe(1)
    const withStatus = await patch({ status: { replicas: 1 }, spec: { text: 'no' } }, 'status')
    expect(withStatus).toMatchObject({
      spec: { text: 'abc' },
      status: { replicas: 1 },
      metadata: { generation: 1 },
    })
    expect((await patch({ spec: { text: 'abcd' } })).metadata.generation).toBe(2)
  })

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

  it('are one set of objects in several versions', async () => {
    const older = version({ name: 'v1beta1', storage: false, deprecated: true })
    const newer = version()
    older.schema.openAPIV3Schema.properties.spec.properties.size = { type: 'string' }
    const cluster = await started(definition({ spec: { versions: [older, newer] } }))
    await cluster.create({ text: 'abc' }, 'one', 'v1beta1')
    const [entry] = (await cluster.store.list('/example.com/widgets/')).entries
    expect(entry?.object.apiVersion).toBe('example.com/v1')
    const seen = await cluster.widgets('v1').get('default', 'one')
    expect(seen.object).toMatchObject({ apiVersion: 'example.com/v1', spec: { text: 'abc', size: 'medium' } })
    expect(JSON.parse(new TextDecoder().decode(seen.bytes))).toEqual(seen.object)
    const old = await cluster.widgets('v1beta1').get('default', 'one')
    expect(old.object).toMatchObject({ apiVersion: 'example.com/v1beta1' })
    expect(cluster.widgets('v1beta1').definition.deprecationWarning).toBe(
      'example.com/v1beta1 Widget is deprecated',
    )
  })

  it('lose what their storage version does not know, and have its defaults', async () => {
    const schemaOf = (properties: Any): Any => ({ openAPIV3Schema: { type: 'object', properties } })
    const a = { type: 'string', default: 'stored' }
    const b = { type: 'string', default: 'served' }
    const cluster = await started(
      definition({
        spec: {
          versions: [
            version({ schema: schemaOf({ a, both: { type: 'string' } }) }),
            version({
              name: 'v2',
              storage: false,
              schema: schemaOf({ a: { type: 'string' }, b, both: { type: 'string' } }),
            }),
          ],
        },
      }),
    )
    const v2 = cluster.widgets('v2')
    const given = {
      apiVersion: 'example.com/v2',
      kind: 'Widget',
      metadata: { name: 'one' },
      b: 'x',
      both: 'y',
    }
    const { object } = await v2.create('default', given as KubeObject, cluster.options())
    expect(object).toMatchObject({ apiVersion: 'example.com/v2', a: 'stored', both: 'y' })
    expect(object).not.toHaveProperty('b')
    const [entry] = (await cluster.store.list('/example.com/widgets/')).entries
    expect(entry?.object).toMatchObject({ apiVersion: 'example.com/v1', both: 'y' })
    expect(entry?.object).not.toHaveProperty('b')
  })

  it('move to another storage version by an update that changes nothing', async () => {
    const cluster = await started(
      definition({ spec: { versions: [version(), version({ name: 'v2', storage: false })] } }),
    )
    await cluster.create({ text: 'abc' })
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    const operations = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ]
    const { object } = await cluster.definitions.patch(ref, { type: 'json', operations }, cluster.options())
    expect((object as Any).status.storedVersions).toEqual(['v1', 'v2'])
    const stored = async (): Promise<string | undefined> =>
      (await cluster.store.list('/example.com/widgets/')).entries[0]?.object.apiVersion
    expect(await stored()).toBe('example.com/v1')
    const { object: widget } = await cluster.widgets().get('default', 'one')
    await cluster.widgets().update({ namespace: 'default', name: 'one' }, widget, cluster.options())
    expect(await stored()).toBe('example.com/v2')
    const withoutOld = [{ op: 'remove', path: '/spec/versions/0' }]
    expect(
      await problemsOf(
        cluster.definitions.patch(ref, { type: 'json', operations: withoutOld }, cluster.options()),
      ),
    ).toEqual([
      expect.stringContaining('status.storedVersions[0]: Invalid value: "v1": missing from spec.versions'),
    ])
  })

  it('are watched until their definition changes or goes', async () => {
    const cluster = await started()
    const events: string[] = []
    const ended = Promise.withResolvers<Error | undefined>()
    await cluster.widgets().watch(
      {},
      {
        onEvents: (seen) => events.push(...seen.map(({ type, object }) => `${type} ${object.metadata.name}`)),
        onEnd: (error) => ended.resolve(error),
      },
    )
    await cluster.create({ text: 'abc' })
    const patch = { spec: { names: { shortNames: ['x'] } } }
    await cluster.definitions.patch(
      { namespace: undefined, name: 'widgets.example.com' },
      { type: 'merge', patch },
      cluster.options(),
    )
    expect(await ended.promise).toBeUndefined()
    expect(events).toEqual(['ADDED one'])
  })

  it('are served again after a restart, and only once they are established', async () => {
    const first = new Cluster()
    const following = await first.follow()
    await first.definitions.create(undefined, definition(), first.options())
    expect(first.widgets()).toBeUndefined()
    const { object } = await first.definitions.get(undefined, 'widgets.example.com')
    await first.establish(object)
    await first.create({ text: 'abc' })
    following[Symbol.dispose]()
    const second = new Cluster(first.store)
    await second.follow()
    expect((await second.widgets().list({})).entries).toHaveLength(1)
    expect(second.registry.kinds().map(({ kind }) => kind)).toContain('Widget')
  })
})

describe('CustomResourceDefinition', () => {
  it('gets names, a conversion and its stored version', async () => {
    const cluster = new Cluster()
    const { object } = await cluster.definitions.create(undefined, definition(), cluster.options())
    expect(object).toMatchObject({
      spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
      status: { storedVersions: ['v1'] },
    })
  })

  it('warns of formats that nobody checks, and of rules no more', async () => {
    const cluster = new Cluster()
    const spec = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.a == "b"' }],
      properties: { a: { type: 'string', format: 'colour' }, n: { type: 'integer', format: 'int64' } },
    }
    await cluster.definitions.create(undefined, withSpec(spec), cluster.options())
    expect(cluster.warnings).toEqual(['unrecognized format "colour"'])
  })

  const at = 'spec.validation.openAPIV3Schema.properties[spec]'
  it.each<[string, Any, string[]]>([
    [
      'another name',
      definition({ metadata: { name: 'x.example.com' } }),
      ['metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'a scope',
      definition({ spec: { scope: 'All' } }),
      ['spec.scope: Unsupported value: "All": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'a storage version',
      definition({ spec: { versions: [version({ storage: false })] } }),
      [
        expect.stringContaining(
          'must have exactly one version marked as storage version',
        ) as unknown as string,
        'status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    ],
    [
      'unique versions',
      definition({ spec: { versions: [version(), version({ storage: false })] } }),
      [expect.stringContaining('must contain unique version names') as unknown as string],
    ],
    [
      'a schema',
      definition({ spec: { versions: [version({ schema: undefined })] } }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'pruning',
      definition({ spec: { preserveUnknownFields: true } }),
      [
        'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'conversion webhooks',
      definition({ spec: { conversion: { strategy: 'Webhook' } } }),
      [
        'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
        'spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'a community group',
      definition({ metadata: { name: 'widgets.x.k8s.io' }, spec: { group: 'x.k8s.io' } }),
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
    [
      'types',
      withSpec({ properties: { a: { type: 'string' } } }),
      [`${at}.type: Required value: must not be empty for specified object fields`],
    ],
    [
      'item types',
      withSpec({ type: 'array', items: {} }),
      [`${at}.items.type: Required value: must not be empty for specified array items`],
    ],
    ['items', withSpec({ type: 'array' }), [`${at}.items: Required value: must be specified`]],
    [
      'nested types',
      withSpec({ type: 'object', anyOf: [{ type: 'object' }] }),
      [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'nested fields',
      definition({
        spec: {
          versions: [
            version({ schema: { openAPIV3Schema: { type: 'object', not: { properties: { a: {} } } } } }),
          ],
        },
      }),
      [
        'spec.validation.openAPIV3Schema.properties[a]: Required value: because it is defined in spec.validation.openAPIV3Schema.not.properties[a]',
      ],
    ],
    [
      'unique items',
      withSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        `${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'references',
      withSpec({ type: 'object', $ref: '#/x' }),
      [`${at}.$ref: Forbidden: $ref is not supported`],
    ],
    [
      'maps or structs',
      withSpec({
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      [`${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'patterns',
      withSpec({ type: 'string', pattern: '(?=x)' }),
      [
        expect.stringContaining(
          `${at}.pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: `,
        ) as unknown as string,
      ],
    ],
    [
      'defaults',
      withSpec({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } }),
      [`${at}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'pruned defaults',
      withSpec({ type: 'object', default: { b: 1 }, properties: { a: { type: 'integer' } } }),
      [`${at}.default: Invalid value: {"b":1}: must not have unknown fields`],
    ],
    [
      'list keys',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      [
        `${at}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    ],
    [
      'preserve-unknown-fields',
      withSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'embedded objects',
      withSpec({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      [
        `${at}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
      ],
    ],
    [
      'columns',
      definition({
        spec: {
          versions: [version({ additionalPrinterColumns: [{ name: 'A', type: 'float', jsonPath: 'x' }] })],
        },
      }),
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "float": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .',
      ],
    ],
    [
      'selectable fields',
      definition({
        spec: {
          versions: [version({ selectableFields: [{ jsonPath: '.spec.list' }, { jsonPath: '.spec.none' }] })],
        },
      }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[1].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      'scale paths',
      definition({
        spec: {
          versions: [
            version({
              subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: '.status.b' } },
            }),
          ],
        },
      }),
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
      ],
    ],
  ])('is checked: %s', async (_what, crd, problems) => {
    const cluster = new Cluster()
    expect(await problemsOf(cluster.definitions.create(undefined, crd, cluster.options()))).toEqual(problems)
  })

  it('keeps a stored version through its status, which may change labels', async () => {
    const cluster = await started()
    const patch = { metadata: { labels: { a: 'b' } }, status: { storedVersions: [] } }
    const { object } = await cluster.definitions.patch(
      { namespace: undefined, name: 'widgets.example.com' },
      { type: 'merge', patch },
      cluster.options({ subresource: 'status' }),
    )
    expect(object).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { storedVersions: ['v1'] } })
  })

  it('cannot change what it is about', async () => {
    const cluster = await started()
    const { object } = await cluster.definitions.get(undefined, 'widgets.example.com')
    const next = structuredClone(object) as Any
    next.spec.scope = 'Cluster'
    next.spec.names.kind = 'Gadget'
    next.spec.names.plural = 'gadgets'
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    expect(await problemsOf(cluster.definitions.update(ref, next, cluster.options()))).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
      'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ])
  })

  it('is held by its finalizer when deleted, and takes no new objects', async () => {
    const cluster = await started()
    const ref = { namespace: undefined, name: 'widgets.example.com' }
    const { gone, object } = await cluster.definitions.delete(ref, {}, cluster.options())
    expect(gone).toBe(false)
    expect(object.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    await expect(cluster.create({ text: 'abc' })).rejects.toMatchObject({
      code: 403,
      message:
        'widgets.example.com "one" is forbidden: create not allowed while custom resource definition is terminating',
    })
    const patch = { metadata: { finalizers: [] } }
    await cluster.definitions.patch(ref, { type: 'merge', patch }, cluster.options())
    expect(cluster.widgets()).toBeUndefined()
  })
})

describe('the schema of a definition', () => {
  it('is read as a schema at every depth', async () => {
    const cluster = new Cluster()
    const spec = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', nullable: false, bogus: 1, properties: {} } },
        map: { type: 'object', additionalProperties: { type: 'string', description: '', other: 2 } },
        open: { type: 'object', additionalProperties: true },
      },
    }
    const { object } = await cluster.definitions.create(undefined, withSpec(spec), cluster.options())
    const { properties } = (object as Any).spec.versions[0].schema.openAPIV3Schema
    expect(properties.spec.properties).toEqual({
      list: { type: 'array', items: { type: 'object' } },
      map: { type: 'object', additionalProperties: { type: 'string' } },
      open: { type: 'object', additionalProperties: true },
    })
    const at = 'spec.versions[0].schema.openAPIV3Schema.properties.spec.properties'
    expect(cluster.warnings).toEqual([
      `unknown field "${at}.list.items.bogus"`,
      `unknown field "${at}.map.additionalProperties.other"`,
    ])
    const tuple = withSpec({ type: 'array', items: [{ type: 'string' }] })
    expect(await problemsOf(cluster.definitions.create(undefined, tuple, cluster.options()))).toContainEqual(
      expect.stringContaining('items must be a schema object and not an array'),
    )
  })
})
