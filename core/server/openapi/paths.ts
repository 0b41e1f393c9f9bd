import { apiRoot, type GroupVersionKind } from '../../api/gvk.ts'
import type { KindDefinition, Verb } from '../../registry/kind.ts'
import { verbsOf } from '../discovery/resource-lists.ts'
import { servedSubresources } from '../subresources.ts'
import { metaSchemas, refTo, schemaNameOf } from './components.ts'
import { patchTypesOf } from '../../registry/patch/patch-types.ts'

type Operation = Record<string, unknown>
export type PathItem = Record<string, unknown>

interface OperationInput {
  action: string
  kind: GroupVersionKind
  tag: string
  id: string
  parameters: string[]
  body?: { types: string[]; schema: string }
  responses: Record<string, string | undefined>
}

const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const parameterTypes: Record<string, string> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
}
const parameterDescriptions: Record<string, string> = {
  continue: 'Where a limited list is to go on, as the previous page said.',
  dryRun: 'With "All", everything is done except storing the result.',
  fieldManager: 'Name of the actor that makes the change.',
  fieldSelector: 'Restricts the answer by field values.',
  fieldValidation: 'What to do about unknown or duplicate fields: Ignore, Warn (default) or Strict.',
  force: 'Whether an apply request takes over fields that others own.',
  labelSelector: 'Restricts the answer by labels.',
  limit: 'Most items to answer with.',
  pretty: 'With "true", the answer is indented.',
  propagationPolicy: 'What is to happen to dependents: Orphan, Background or Foreground.',
  resourceVersion: 'Which state of the collection is asked for.',
  watch: 'Whether to stream changes instead of a list.',
}
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation']
const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const deleteParameters = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']

function parameter(name: string, place: 'query' | 'path'): object {
  const description = parameterDescriptions[name]
  return {
    name,
    in: place,
    ...(description ? { description } : {}),
    ...(place === 'path' ? { required: true } : {}),
    schema: { type: parameterTypes[name] ?? 'string', uniqueItems: true },
  }
}

function content(types: string[], schema: string): object {
  return Object.fromEntries(types.map((type) => [type, { schema: refTo(schema) }]))
}

function operation(input: OperationInput): Operation {
  const responses: Record<string, object> = {}
  for (const [code, schema] of Object.entries(input.responses)) {
    const description = { 200: 'OK', 201: 'Created', 202: 'Accepted' }[code] ?? 'OK'
    responses[code] = schema
      ? { description, content: content(['application/json', 'application/yaml'], schema) }
      : { description }
  }
  responses['401'] = { description: 'Unauthorized' }
  return {
    tags: [input.tag],
    operationId: input.id,
    ...(input.parameters.length > 0
      ? { parameters: input.parameters.map((name) => parameter(name, 'query')) }
      : {}),
    ...(input.body
      ? { requestBody: { content: content(input.body.types, input.body.schema), required: true } }
      : {}),
    responses,
    'x-kubernetes-action': input.action,
    'x-kubernetes-group-version-kind': input.kind,
  }
}

/** Looks up the schema of a kind that is not the document's own, such as Scale. */
export type SchemaFinder = (kind: GroupVersionKind) => string | undefined

/** The paths of one kind: collection, object and subresources, with the operations it offers. */
export function pathsOf(definition: KindDefinition, findSchema: SchemaFinder): Record<string, PathItem> {
  const builder = createOperationBuilder(definition)
  const { names, namespaced } = definition
  const root = apiRoot(definition)
  const base = namespaced ? `${root}/namespaces/{namespace}/${names.plural}` : `${root}/${names.plural}`
  const scope = namespaced ? [parameter('namespace', 'path')] : []
  const item = [parameter('name', 'path'), ...scope]
  const common = [parameter('pretty', 'query')]
  const paths: Record<string, PathItem> = {
    [base]: { ...builder.collection(), parameters: [...scope, ...common] },
  }
  if (!definition.isVirtual || verbsOf(definition).includes('get')) {
    paths[`${base}/{name}`] = { ...builder.object(), parameters: [...item, ...common] }
  }
  if (namespaced && verbsOf(definition).includes('list')) {
    paths[`${root}/${names.plural}`] = { get: builder.listAll(), parameters: common }
  }
  for (const subresource of servedSubresources(definition)) {
    const schema = findSchema(subresource.kind)
    const operations = builder.subresource({ ...subresource, schema })
    paths[`${base}/{name}/${subresource.name}`] = { ...operations, parameters: [...item, ...common] }
  }
  return paths
}

function createOperationBuilder(definition: KindDefinition) {
  const { group, version, kind, namespaced } = definition
  const gvk = { group, version, kind }
  const schema = schemaNameOf(definition)
  const [first = '', ...others] = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.')
  // As kube-openapi's friendly names: every part of the group counts, so that no two kinds share an id.
  const groupName = first + others.map(capitalise).join('')
  const tag = `${groupName}_${version}`
  const versioned = capitalise(groupName) + capitalise(version)
  const scoped = (namespaced ? 'Namespaced' : '') + kind
  const suffix = versioned + scoped
  const verbs = new Set<Verb>(verbsOf(definition))
  const when = (verb: Verb, key: string, build: () => Operation): Record<string, Operation> =>
    verbs.has(verb) ? { [key]: build() } : {}

  function list(id = `list${suffix}`): Operation {
    const input = { action: 'list', kind: gvk, tag, id, parameters: listParameters }
    return operation({ ...input, responses: { 200: `${schema}List` } })
  }
  function write(
    action: 'post' | 'put' | 'patch',
    names: { id: string; schema?: string; kind: GroupVersionKind },
  ): Operation {
    const isPatch = action === 'patch'
    const acceptedPatches = Object.keys(patchTypesOf(definition)).sort()
    const bodySchema = isPatch ? metaSchemas.patch : names.schema
    return operation({
      action,
      kind: names.kind,
      tag,
      id: names.id,
      parameters: isPatch ? [...writeParameters, 'force'] : writeParameters,
      ...(bodySchema ? { body: { types: isPatch ? acceptedPatches : objectTypes, schema: bodySchema } } : {}),
      responses: { 200: names.schema, 201: names.schema, ...(action === 'post' && { 202: names.schema }) },
    })
  }
  function deletion(action: 'delete' | 'deletecollection', id: string): Operation {
    const parameters =
      action === 'delete' ? deleteParameters : [...deleteParameters, ...listParameters.slice(1, 5)]
    const body = { types: objectTypes, schema: metaSchemas.deleteOptions }
    const responses = { 200: metaSchemas.status, ...(action === 'delete' && { 202: metaSchemas.status }) }
    return operation({ action, kind: gvk, tag, id, parameters, body, responses })
  }
  function read(id: string, target: { schema?: string; kind: GroupVersionKind }): Operation {
    const input = { action: 'get', kind: target.kind, tag, id, parameters: [] }
    return operation({ ...input, responses: { 200: target.schema } })
  }
  return {
    listAll: () => list(`list${versioned}${kind}ForAllNamespaces`),
    collection: () => ({
      ...when('list', 'get', () => list()),
      ...when('create', 'post', () => write('post', { id: `create${suffix}`, schema, kind: gvk })),
      ...when('deletecollection', 'delete', () =>
        deletion('deletecollection', `delete${versioned}Collection${scoped}`),
      ),
    }),
    object: () => ({
      ...when('get', 'get', () => read(`read${suffix}`, { schema, kind: gvk })),
      ...when('update', 'put', () => write('put', { id: `replace${suffix}`, schema, kind: gvk })),
      ...when('patch', 'patch', () => write('patch', { id: `patch${suffix}`, schema, kind: gvk })),
      ...when('delete', 'delete', () => deletion('delete', `delete${suffix}`)),
    }),
    subresource(sub: { name: string; kind: GroupVersionKind; verbs: string[]; schema: string | undefined }) {
      const ending = suffix + capitalise(sub.name)
      const item: Record<string, Operation> = {}
      const target = { schema: sub.schema, kind: sub.kind }
      if (sub.verbs.includes('get')) item['get'] = read(`read${ending}`, target)
      if (sub.verbs.includes('create')) item['post'] = write('post', { id: `create${ending}`, ...target })
      if (sub.verbs.includes('update')) item['put'] = write('put', { id: `replace${ending}`, ...target })
      if (sub.verbs.includes('patch')) item['patch'] = write('patch', { id: `patch${ending}`, ...target })
      return item
    },
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
