import { apiVersionOf, groupResource } from '../api/gvk.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { KindDefinition } from './kind.ts'
import type { PatchBody, Registry, ResourceRegistry, WriteOptions, WriteResult } from './registry.ts'
import { openApiFacts } from './schema/api-facts.ts'
import { createNodeSource } from './schema/build-nodes.ts'
import { createSchemaCompiler } from './schema/kind-schema.ts'
import type { SchemaCompiler } from './schema/kind-schema.ts'
import { applyObject } from './verbs/apply.ts'
import { createObject } from './verbs/create.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { deleteObject } from './verbs/delete.ts'
import { getObject } from './verbs/get.ts'
import { listObjects } from './verbs/list.ts'
import { patchObject } from './verbs/patch.ts'
import type { ObjectRef, ResourceScope, VirtualAnswer } from './verbs/scope.ts'
import { createNamedSubresource } from './verbs/subresource.ts'
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
  clock: Clock
  log: Logger
  /** Where `schemas.json` and `protobuf-fields.json` lie; by default in the source tree's resources. */
  schemaDirectory?: string
}

/** A registry that serves the given kinds from a store. */
export function createRegistry(options: RegistryOptions): Registry {
  const { store, kinds } = options
  const facts = openApiFacts(options.schemaDirectory)
  const schemas = createSchemaCompiler(createNodeSource(facts))
  const resources = new Map<string, ResourceRegistry>()
  for (const definition of kinds) {
    const { group, version, names } = definition
    resources.set(`${group}/${version}/${names.plural}`, createResource(options, schemas, definition))
  }
  return {
    kinds: () => [...kinds],
    resource: (group, version, resource) => resources.get(`${group}/${version}/${resource}`),
    get revision() {
      return store.revision
    },
  }
}

function createResource(
  options: RegistryOptions,
  schemas: SchemaCompiler,
  definition: KindDefinition,
): ResourceRegistry {
  const { store, admission, clock, log } = options
  const { group, version, names } = definition
  const scope: ResourceScope = {
    definition,
    resource: { group, version, resource: names.plural },
    apiVersion: apiVersionOf(definition),
    schema: schemas.compile(definition.schema),
    schemas,
    store,
    admission,
    answer: options.answers?.[groupResource({ group, resource: names.plural })],
    clock,
    log,
  }
  return {
    definition,
    get: (namespace, name, read) => getObject(scope, { namespace, name }, read),
    list: (query) => listObjects(scope, query),
    watch: (query, listener) => watchObjects(scope, query, listener),
    create: (namespace, body, write) => createObject(scope, namespace, { body, options: write }),
    createSubresource: (ref, body, write) => createNamedSubresource(scope, ref, { body, options: write }),
    update: (ref, body, write) => updateObject(scope, ref, { body, options: write }),
    patch: (ref, patch, write) => patchOrApply(scope, ref, { patch, options: write }),
    delete: (ref, request, write) => deleteObject(scope, ref, { request, options: write }),
    deleteCollection: (query, request, write) => deleteCollection(scope, query, { request, options: write }),
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
