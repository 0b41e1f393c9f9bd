import { apiVersionOf, groupResource } from '../api/gvk.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { KindDefinition } from './kind.ts'
import type { PatchBody, Registry, ResourceRegistry, WriteOptions, WriteResult } from './registry.ts'
import { openApiFacts } from './schema/api-facts.ts'
import type { ApiFacts } from './schema/api-facts.ts'
import { createNodeSource } from './schema/build-nodes.ts'
import { createSchemaCompiler } from './schema/kind-schema.ts'
import type { SchemaCompiler } from './schema/kind-schema.ts'
import { createServedStore, sharedForm, versionedForm } from './stored-form.ts'
import type { ServedStore } from './stored-form.ts'
import { applyObject } from './verbs/apply.ts'
import { admitSubresource } from './verbs/admit-subresource.ts'
import { createObject } from './verbs/create.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { deleteObject } from './verbs/delete.ts'
import { getObject } from './verbs/get.ts'
import { createObjectEditor } from './verbs/object-editor.ts'
import { listObjects } from './verbs/list.ts'
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
  /** What answers the creation of virtual kinds, by `<plural>.<group>`. */
  answers?: Readonly<Record<string, VirtualAnswer>>
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
  const builtIn = new Map<string, ResourceRegistry>()
  const ownResources = new Set(kinds.map(({ group, names }) => `${group}/${names.plural}`))
  for (const definition of kinds) {
    const { storedAs } = definition
    const served = storedAs ? createServedStore(store, sharedForm(storedAs)) : store
    builtIn.set(keyOf(definition), createResource({ ...options, store: served }, schemas, definition))
  }
  let custom = new Map<string, CustomResource>()
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
        custom.set(key, isSame ? known : createCustomResource(options, schemas, definition))
      }
      for (const [key, known] of before) if (custom.get(key) !== known) known.store.endWatches()
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
  store: ServedStore
}

function createCustomResource(
  options: RegistryOptions,
  schemas: SchemaCompiler,
  definition: KindDefinition,
): CustomResource {
  const { group, version, storageVersion = version } = definition
  const served = { apiVersion: apiVersionOf(definition), schema: schemas.compile(definition.schema) }
  const storedApiVersion = apiVersionOf({ group, version: storageVersion })
  const store = createServedStore(options.store, versionedForm(served, storedApiVersion))
  const isOutdated = store.isOutdated.bind(store)
  return { resource: createResource({ ...options, store, isOutdated }, schemas, definition), store }
}

function createResource(
  options: RegistryOptions & Pick<ResourceScope, 'isOutdated'>,
  schemas: SchemaCompiler,
  definition: KindDefinition,
): ResourceRegistry {
  const { store, admission, clock, log } = options
  const { group, version, names } = definition
  const stored = definition.storedAs?.definition ?? definition
  const schema = schemas.compile(definition.schema)
  const scope: ResourceScope = {
    definition,
    resource: { group, version, resource: names.plural },
    stored: { group: stored.group, resource: stored.names.plural },
    apiVersion: apiVersionOf(definition),
    schema,
    schemas,
    store,
    ...(options.isOutdated && { isOutdated: options.isOutdated }),
    admission,
    editor: createObjectEditor({ ...definition, schema }),
    turns: createTurns(),
    answer: options.answers?.[groupResource({ group, resource: names.plural })],
    clock,
    log,
  }
  const reader = options.readers?.[groupResource({ group, resource: names.plural })]
  const resource: ResourceRegistry = {
    definition,
    get: (namespace, name, read) => getObject(scope, { namespace, name }, read),
    list: (query) => listObjects(scope, query),
    watch: (query, listener) => watchObjects(scope, query, listener),
    create: (namespace, body, write) => createObject(scope, namespace, { body, options: write }),
    createSubresource: (ref, body, write) => createNamedSubresource(scope, ref, { body, options: write }),
    update: (ref, body, write) => updateObject(scope, ref, { body, options: write }),
    patch: (ref, patch, write) => patchOrApply(scope, ref, { patch, options: write }),
    admitSubresource: (ref, request) => admitSubresource(scope, ref, request),
    delete: (ref, request, write) => deleteObject(scope, ref, { request, options: write }),
    deleteCollection: (query, request, write) => deleteCollection(scope, query, { request, options: write }),
  }
  if (!reader) return resource
  return {
    ...resource,
    get: (namespace, name) => getVirtual(scope, reader, { namespace, name }),
    list: (query) => listVirtual(scope, reader, query),
  }
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
