import { apiVersionOf, groupResource } from '../api/gvk.ts'
import type { AdmissionPlugin, Allocator } from '../api/request.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { createConvertingStore } from './converting-store.ts'
import { createEquivalents, plainForm } from './equivalents.ts'
import type { Served } from './equivalents.ts'
import { isCustom } from './kind.ts'
import type { KindDefinition } from './kind.ts'
import type { PatchBody, Registry, ResourceRegistry, WriteOptions, WriteResult } from './registry.ts'
import type { KindVersions, ServedVersion } from './apply/versions.ts'
import { createFieldsPool } from './apply/fields-pool.ts'
import { openApiFacts } from './schema/api-facts.ts'
import type { ApiFacts } from './schema/api-facts.ts'
import { createNodeSource } from './schema/build-nodes.ts'
import { createSchemaCompiler } from './schema/kind-schema.ts'
import type { KindSchema } from './schema/kind-schema.ts'
import type { SchemaCompiler } from './schema/kind-schema.ts'
import { createServedStore, sharedForm, versionedForm } from './stored-form.ts'
import type { ServedStore, StoredForm } from './stored-form.ts'
import { applyObject } from './verbs/apply.ts'
import { admitSubresource } from './verbs/admit-subresource.ts'
import { createObject } from './verbs/create.ts'
import type { AdmissionObserver } from './verbs/run-admission.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { deleteObject } from './verbs/delete.ts'
import { getObject } from './verbs/get.ts'
import { createObjectEditor } from './verbs/object-editor.ts'
import type { ListObserver } from './verbs/list-observer.ts'
import { countObjects, listObjects } from './verbs/list.ts'
import { patchObject } from './verbs/patch.ts'
import { getVirtual, listVirtual } from './verbs/read-virtual.ts'
import type { VirtualReader } from './verbs/read-virtual.ts'
import type { ObjectRef, ResourceScope, VirtualAnswer } from './verbs/scope.ts'
import { createNamedSubresource } from './verbs/subresource.ts'
import { createTurns } from './verbs/turns.ts'
import { updateObject } from './verbs/update.ts'
import { watchObjects } from './verbs/watch.ts'

export interface RegistryOptions {
  store: Store
  /** In discovery order. */
  kinds: readonly KindDefinition[]
  /** In the order they run. */
  admission: readonly AdmissionPlugin[]
  /** Is told how long they took. */
  admissionObserver?: AdmissionObserver
  /** Is told what lists cost. */
  listObserver?: ListObserver
  /** What answers the creation of virtual kinds, by `<plural>.<group>`. */
  answers?: Readonly<Record<string, VirtualAnswer>>
  /** What gives objects what they have outside themselves, by `<plural>.<group>`. */
  allocators?: Readonly<Record<string, Allocator>>
  /** What reads virtual kinds, by `<plural>.<group>`. */
  readers?: Readonly<Record<string, VirtualReader>>
  clock: Clock
  log: Logger
  /** Shared with whoever else reads them; by default those in the source tree's resources. */
  facts?: ApiFacts
}

/** A registry that serves the given kinds from a store. */
export function createRegistry(options: RegistryOptions): Registry {
  const { store, kinds } = options
  const schemas = createSchemaCompiler(createNodeSource(options.facts ?? openApiFacts()))
  const shared: Shared = { schemas, fields: createFieldsPool() }
  const builtIn = new Map<string, ResourceRegistry>()
  const ownResources = new Set(kinds.map(({ group, names }) => `${group}/${names.plural}`))
  let custom = new Map<string, CustomResource>()
  // Made anew whenever custom kinds change, so that a change is seen by reference.
  let all: Served[] = []
  const forms = { all: (): readonly Served[] => all }
  for (const definition of kinds) {
    const { storedAs } = definition
    const form = storedAs ? sharedForm(storedAs) : plainForm
    const served = storedAs ? createServedStore(store, form) : store
    const made = createResource({ ...options, ...forms, store: served, form }, shared, definition)
    builtIn.set(keyOf(definition), made.resource)
    all.push(made.served)
  }
  const allBuiltIn = all
  const listeners = new Set<() => void>()
  return {
    kinds: () => [...kinds, ...[...custom.values()].map(({ resource }) => resource.definition)],
    setCustomKinds(definitions) {
      const before = custom
      custom = new Map()
      for (const definition of definitions) {
        const key = keyOf(definition)
        // A definition never comes between a built-in resource and its objects.
        if (ownResources.has(`${definition.group}/${definition.names.plural}`)) continue
        const known = before.get(key)
        const isSame = known?.resource.definition === definition
        custom.set(key, isSame ? known : createCustomResource({ ...options, ...forms }, shared, definition))
      }
      all = [...allBuiltIn, ...[...custom.values()].map(({ served }) => served)]
      for (const [key, known] of before) if (custom.get(key) !== known) known.store.endWatches()
      for (const listener of listeners) listener()
    },
    onKindsChanged(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    resource(group, version, resource) {
      const key = `${group}/${version}/${resource}`
      return builtIn.get(key) ?? custom.get(key)?.resource
    },
    get revision() {
      return store.revision
    },
  }
}

function keyOf({ group, version, names }: KindDefinition): string {
  return `${group}/${version}/${names.plural}`
}

interface CustomResource {
  resource: ResourceRegistry
  served: Served
  store: ServedStore
}

interface ResourceOptions extends RegistryOptions, Pick<ResourceScope, 'isOutdated'> {
  form: StoredForm
  /** Every served resource. */
  all: () => readonly Served[]
}

function createCustomResource(
  options: Omit<ResourceOptions, 'form'>,
  shared: Shared,
  definition: KindDefinition,
): CustomResource {
  const { group, version, storageVersion = version, convert } = definition
  const served = { apiVersion: apiVersionOf(definition), schema: shared.schemas.compile(definition.schema) }
  const storedApiVersion = apiVersionOf({ group, version: storageVersion })
  const conversion = convert && { served: served.apiVersion, stored: storedApiVersion, convert }
  const base = conversion ? createConvertingStore(options.store, conversion) : options.store
  const schemaOf = (apiVersion: string): KindSchema | undefined => {
    const schema = definition.versionSchemas?.[apiVersion]
    return schema && shared.schemas.compile(schema)
  }
  const form = versionedForm(served, conversion ? served.apiVersion : storedApiVersion, schemaOf)
  const store = createServedStore(base, form)
  const isOutdated = store.isOutdated.bind(store)
  return { ...createResource({ ...options, store, form, isOutdated }, shared, definition), store }
}

/** What the resources of one registry have in common. */
type Shared = Pick<ResourceScope, 'schemas' | 'fields'>

/** All versions of a custom resource, those too that are not served; without a webhook they differ by what they are called. */
function customVersions(schemas: SchemaCompiler, { versionSchemas = {} }: KindDefinition): KindVersions {
  return new Map(
    Object.entries(versionSchemas).map(([apiVersion, schema]): [string, ServedVersion] => [
      apiVersion,
      {
        get schema() {
          return schemas.compile(schema)
        },
        convert: (object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion }),
      },
    ]),
  )
}

/** The other kinds that show the same stored objects as this one. */
function otherVersions(
  kinds: readonly KindDefinition[],
  schemas: SchemaCompiler,
  definition: KindDefinition,
): ResourceScope['versions'] {
  const { storedAs } = definition
  const versions: [string, ServedVersion][] = []
  const add = (other: KindDefinition, convert: ServedVersion['convert']): void =>
    void versions.push([apiVersionOf(other), { schema: schemas.compile(other.schema), convert }])
  if (storedAs) add(storedAs.definition, storedAs.toStored)
  else {
    for (const other of kinds) {
      if (other.storedAs?.definition === definition) add(other, other.storedAs.fromStored)
    }
  }
  return new Map(versions)
}

function createResource(
  options: ResourceOptions,
  shared: Shared,
  definition: KindDefinition,
): { resource: ResourceRegistry; served: Served } {
  const { store, admission, clock, log } = options
  const { group, version, names } = definition
  const stored = definition.storedAs?.definition ?? definition
  const schema = shared.schemas.compile(definition.schema)
  const served: Served = {
    definition,
    resource: { group, version, resource: names.plural },
    stored: { group: stored.group, resource: stored.names.plural },
    editor: createObjectEditor({ ...definition, schema }),
    form: options.form,
  }
  const scope: ResourceScope = {
    ...served,
    apiVersion: apiVersionOf(definition),
    schema,
    ...shared,
    versions: isCustom(definition)
      ? customVersions(shared.schemas, definition)
      : otherVersions(options.kinds, shared.schemas, definition),
    store,
    ...(options.isOutdated && { isOutdated: options.isOutdated }),
    admission: { plugins: admission, observer: options.admissionObserver },
    listed: options.listObserver,
    equivalents: createEquivalents(served, options.all),
    turns: createTurns(),
    answer: options.answers?.[groupResource({ group, resource: names.plural })],
    allocator: options.allocators?.[groupResource({ group, resource: names.plural })],
    clock,
    log,
  }
  const admitted: ResourceScope = { ...scope, admission: { plugins: [] } }
  const scopeOf = ({ isAdmitted }: WriteOptions): ResourceScope => (isAdmitted ? admitted : scope)
  const reader = options.readers?.[groupResource({ group, resource: names.plural })]
  const resource: ResourceRegistry = {
    definition,
    get: (namespace, name, read) => getObject(scope, { namespace, name }, read),
    list: (query) => listObjects(scope, query),
    count: () => countObjects(scope),
    watch: (query, listener) => watchObjects(scope, query, listener),
    create: (namespace, body, write) => createObject(scope, namespace, { body, options: write }),
    createSubresource: (ref, body, write) => createNamedSubresource(scope, ref, { body, options: write }),
    update: (ref, body, write) => updateObject(scopeOf(write), ref, { body, options: write }),
    patch: (ref, patch, write) => patchOrApply(scopeOf(write), ref, { patch, options: write }),
    admitSubresource: (ref, request) => admitSubresource(scope, ref, request),
    delete: (ref, request, write) => deleteObject(scopeOf(write), ref, { request, options: write }),
    deleteCollection: (query, request, write) => deleteCollection(scope, query, { request, options: write }),
  }
  if (!reader) return { resource, served }
  const virtual: ResourceRegistry = {
    ...resource,
    get: (namespace, name) => getVirtual(scope, reader, { namespace, name }),
    list: (query) => listVirtual(scope, reader, query),
  }
  return { resource: virtual, served }
}

function patchOrApply(
  scope: ResourceScope,
  ref: ObjectRef,
  { patch, options }: { patch: PatchBody; options: WriteOptions },
): Promise<WriteResult> {
  if (patch.type === 'json') return patchObject(scope, ref, { patch, options })
  const { type, patch: body, force = false } = patch
  if (type === 'apply') return applyObject(scope, ref, { config: body, force, options })
  return patchObject(scope, ref, { patch: { type, patch: body }, options })
}
