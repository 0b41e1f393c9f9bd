import { parse } from 'yaml'
import type { KubeObject } from '../../../api/meta.ts'
import type { RequestContext } from '../../../api/request.ts'
import { createRegistry } from '../../../registry/create-registry.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../../registry/registry.ts'
import type { Schema } from '../../../registry/schema/schema.ts'
import { FakeClock } from '../../../util/fake-clock.ts'
import { silentLogger } from '../../../util/logger.ts'
import { builtInKinds } from '../../index.ts'
import type { AnyObject } from '../../testing/test-kinds.ts'
import { customResourceDefinition } from '../customresourcedefinition/index.ts'
import { followDefinitions } from '../follow-definitions.ts'
import { createMemoryStore } from '../../../storage/memory-store.ts'
import type { Store } from '../../../storage/store.ts'

/** The schema of a widget: a member for every rule that a schema can have. */
export const widgetSpec = `
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

/** The definition of widgets, with these members instead. */
export function definition(overrides: AnyObject = {}): AnyObject {
  const { spec, ...rest } = overrides as { spec?: AnyObject }
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

/** The version `v1` of widgets, with these members instead. */
export function version(overrides: AnyObject = {}): AnyObject {
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

/** The definition of widgets whose `spec` has this schema. */
export const withSpec = (schema: AnyObject): AnyObject =>
  definition({
    spec: {
      versions: [version({ schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema } } } })],
    },
  })

/** A registry that serves what its definitions say, with the part of the controllers played by the test. */
export class CustomCluster {
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
  async define(crd: AnyObject = definition()): Promise<void> {
    const { object } = await this.definitions.create(undefined, crd, this.options())
    await this.establish(object)
  }

  async establish(object: AnyObject): Promise<void> {
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

  async create(spec: AnyObject, name = 'one', wanted = 'v1'): Promise<AnyObject> {
    const object = {
      apiVersion: `example.com/${wanted}`,
      kind: 'Widget',
      metadata: { name },
      spec,
    } as KubeObject
    return (await this.widgets(wanted).create('default', object, this.options())).object
  }
}

/** A cluster that serves the resource of a definition. */
export async function started(crd?: AnyObject): Promise<CustomCluster> {
  const cluster = new CustomCluster()
  await cluster.follow()
  await cluster.define(crd)
  return cluster
}

/** What a refusal says of each field; empty if nothing was refused. */
export async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  return work.then(
    () => [],
    (error: AnyObject) =>
      error.status.details.causes.map((cause: AnyObject) => `${cause.field}: ${cause.message}`) as string[],
  )
}
