import { apiRoot, type GroupVersionKind } from '../../api/gvk.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import { patchTypesOf } from '../../registry/patch/patch-types.ts'
import { verbsOf } from '../discovery/resource-lists.ts'
import { servedSubresources, type ServedSubresource } from '../subresources.ts'
import { metaSchemas, schemaNameOf, listSchemaNameOf, schemaNameOfKind } from './schema-names.ts'
import { anyType, mediaTypes, streamMediaTypes, type HttpMethod, type Model, type Route } from './route.ts'
import { pathParameter, prettyParameter, type OptionParameters } from './route-parameters.ts'

/** What one resource or subresource is called in operations and paths. */
interface Target {
  /** Of the parent, for a subresource. */
  definition: KindDefinition
  /** With a capital; '' for the resource itself. */
  suffix: string
  kind: GroupVersionKind
  model: Model
  itemPath: string
  subject: string
}

const textModel: Model = { type: 'string' }

/**
 * The routes of a built-in kind: its collection, its objects, their watches of old and its subresources, in what it
 * offers (upstream: apiserver pkg/endpoints/installer.go registerResourceHandlers).
 */
export function routesOfKind(definition: KindDefinition, options: OptionParameters): Route[] {
  const { names, namespaced } = definition
  const { group, version, kind } = definition
  const root = apiRoot(definition)
  const base = namespaced ? `${root}/namespaces/{namespace}/${names.plural}` : `${root}/${names.plural}`
  const itemPath = `${base}/{name}`
  const target: Target = {
    definition,
    suffix: '',
    kind: { group, version, kind },
    model: { schema: schemaNameOf(definition) },
    itemPath,
    subject: kind,
  }
  const verbs = new Set<string>(verbsOf(definition))
  const build = createRouteBuilder(target, options)
  const watchPath = (path: string): string => `${root}/watch${path.slice(root.length)}`
  const isWatched = verbs.has('watch')
  const routes: Route[] = []
  const when = (verb: string, ...made: (() => Route)[]): void => {
    if (verbs.has(verb)) routes.push(...made.map((make) => make()))
  }
  when('list', () => build.list(base))
  when('create', () => build.write('post', base))
  when('deletecollection', () => build.deleteCollection(base))
  when('get', () => build.read(itemPath))
  when('update', () => build.write('put', itemPath))
  when('patch', () => build.write('patch', itemPath))
  when('delete', () => build.delete(itemPath))
  if (isWatched) {
    when('list', () => build.watchList(watchPath(base)))
    routes.push(build.watch(watchPath(itemPath)))
  }
  if (namespaced) {
    const all = `${root}/${names.plural}`
    when('list', () => build.list(all))
    if (isWatched) when('list', () => build.watchList(watchPath(all)))
  }
  return [
    ...routes,
    ...servedSubresources(definition).flatMap((sub) => routesOfSubresource(target, sub, options)),
  ]
}

function routesOfSubresource(parent: Target, sub: ServedSubresource, options: OptionParameters): Route[] {
  const { definition } = parent
  const isParentKind = sub.kind.group === parent.kind.group && sub.kind.kind === parent.kind.kind
  const target: Target = {
    definition,
    suffix: sub.name.charAt(0).toUpperCase() + sub.name.slice(1),
    kind: sub.kind,
    model: isParentKind ? parent.model : { schema: schemaNameOfKind(sub.kind) },
    itemPath: `${parent.itemPath}/${sub.name}`,
    subject: `${sub.name} of one ${definition.kind}`,
  }
  const build = createRouteBuilder(target, options)
  if (sub.isConnection) return connections(target, sub, options)
  if (sub.name === 'log' && sub.isOwn) return [logRoute(build.read(target.itemPath), options)]
  const writes = { create: 'post', update: 'put', patch: 'patch' } as const
  const { verbs } = sub
  return [
    ...(verbs.includes('get') ? [build.read(target.itemPath)] : []),
    ...Object.entries(writes).flatMap(([verb, method]) =>
      verbs.includes(verb) ? [build.write(method, target.itemPath)] : [],
    ),
  ]
}

function logRoute(route: Route, options: OptionParameters): Route {
  return {
    ...route,
    produces: ['text/plain', ...mediaTypes],
    answers: { 200: textModel },
    parameters: [...route.parameters, ...options.of('io.k8s.api.core.v1.PodLogOptions')],
  }
}

const methodsOfVerbs: Record<string, HttpMethod[]> = {
  create: ['post'],
  // What is passed on knows two methods more that are no verbs.
  delete: ['delete', 'head', 'options'],
  get: ['get'],
  patch: ['patch'],
  update: ['put'],
}

/** Streams and what is passed on to a node, a pod or a service, there by any path. */
function connections(target: Target, sub: ServedSubresource, options: OptionParameters): Route[] {
  const { definition, suffix, kind, itemPath } = target
  const scope = definition.namespaced ? 'Namespaced' : ''
  const hasSubpaths = sub.name === 'proxy'
  const paths = hasSubpaths ? [itemPath, `${itemPath}/{path}`] : [itemPath]
  const methods = sub.verbs.flatMap((verb) => methodsOfVerbs[verb] ?? [])
  return paths.flatMap((path) =>
    methods.map((method) => ({
      method,
      path,
      operation: `connect${capitalize(method)}${scope}${definition.kind}${suffix}${path === itemPath ? '' : 'WithPath'}`,
      description: `Opens a connection to ${target.subject}, by ${method.toUpperCase()}.`,
      parameters: [...options.of(schemaNameOfKind(kind)), ...pathParametersOf(path, definition)],
      consumes: anyType,
      produces: anyType,
      answers: { 200: textModel },
      action: 'connect',
      kind,
    })),
  )
}

function createRouteBuilder(target: Target, options: OptionParameters) {
  const { definition, suffix, kind, model, subject } = target
  const statusModel: Model = { schema: metaSchemas.status }
  const watchModel: Model = { schema: metaSchemas.watchEvent }
  const deleteBody = { schema: metaSchemas.deleteOptions, isRequired: false }
  const listOptions = options.of('ListOptions')
  const base = (path: string): Pick<Route, 'path' | 'kind' | 'consumes'> => ({
    path,
    kind,
    consumes: anyType,
  })
  const parametersAt = (path: string, more: Route['parameters'] = []): Route['parameters'] => [
    prettyParameter,
    ...more,
    ...pathParametersOf(path, definition),
  ]
  const isAll = (path: string): boolean => definition.namespaced && !path.includes('{namespace}')
  const nameAt = (path: string, more = ''): string =>
    isAll(path)
      ? `${definition.kind}${more}ForAllNamespaces`
      : `${definition.namespaced ? 'Namespaced' : ''}${definition.kind}${suffix}${more}`
  const everywhere = (path: string): string => (isAll(path) ? ' of all namespaces' : '')

  function watchRoute(path: string, action: string, more: string, what: string): Route {
    return {
      ...base(path),
      method: 'get',
      operation: `watch${nameAt(path, more)}`,
      description: `Streams changes of ${what}. Older than the parameter "watch" of lists, which is to be used instead.`,
      parameters: parametersAt(path, listOptions),
      produces: [...mediaTypes, ...streamMediaTypes],
      answers: { 200: watchModel },
      action,
    }
  }
  return {
    list: (path: string): Route => ({
      ...base(path),
      method: 'get',
      operation: `list${nameAt(path)}`,
      description: `Lists or watches objects of kind ${subject}${everywhere(path)}.`,
      parameters: parametersAt(path, listOptions),
      produces: [...mediaTypes, ...streamMediaTypes],
      answers: { 200: { schema: listSchemaNameOf(definition) } },
      action: 'list',
    }),
    watch: (path: string) => watchRoute(path, 'watch', '', `one ${subject}`),
    watchList: (path: string) =>
      watchRoute(path, 'watchlist', 'List', `objects of kind ${subject}${everywhere(path)}`),
    read: (path: string): Route => ({
      ...base(path),
      method: 'get',
      operation: `read${nameAt(path)}`,
      description: `Reads ${suffix ? 'the' : 'one'} ${subject}.`,
      parameters: parametersAt(path),
      produces: mediaTypes,
      answers: { 200: model },
      action: 'get',
    }),
    write(method: 'post' | 'put' | 'patch', path: string): Route {
      const { verb, does, options: name } = writes[method]
      const isPatch = method === 'patch'
      return {
        ...base(path),
        ...(isPatch && { consumes: Object.keys(patchTypesOf(definition)) }),
        method,
        operation: `${verb}${nameAt(path)}`,
        description: `${does} ${suffix ? 'the' : 'one'} ${subject}.`,
        parameters: parametersAt(path, options.of(name)),
        body: { schema: isPatch ? metaSchemas.patch : schemaOf(model), isRequired: true },
        produces: mediaTypes,
        answers: { 200: model, 201: model, ...(method === 'post' && { 202: model }) },
        action: method,
      }
    },
    delete(path: string): Route {
      const answer = definition.returnsDeletedObject ? model : statusModel
      return {
        ...base(path),
        method: 'delete',
        operation: `delete${nameAt(path)}`,
        description: `Deletes one ${subject}.`,
        parameters: parametersAt(path, options.of('DeleteOptions')),
        body: deleteBody,
        produces: mediaTypes,
        answers: { 200: answer, 202: answer },
        action: 'delete',
      }
    },
    deleteCollection(path: string): Route {
      const { operation } = this.delete(path)
      const selecting = listOptions.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks')
      return {
        ...base(path),
        method: 'delete',
        operation: operation.replace('delete', 'deleteCollection'),
        description: `Deletes all objects of kind ${subject} that are chosen.`,
        parameters: parametersAt(path, [...options.of('DeleteOptions'), ...selecting]),
        body: deleteBody,
        produces: mediaTypes,
        answers: { 200: statusModel },
        action: 'deletecollection',
      }
    },
  }
}

const writes = {
  post: { verb: 'create', does: 'Creates', options: 'CreateOptions' },
  put: { verb: 'replace', does: 'Replaces', options: 'UpdateOptions' },
  patch: { verb: 'patch', does: 'Changes parts of', options: 'PatchOptions' },
}

function schemaOf(model: Model): string {
  return 'schema' in model ? model.schema : ''
}

/** Those of a path's own placeholders. */
export function pathParametersOf(path: string, { kind }: KindDefinition): Route['parameters'] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) =>
    pathParameter(name, name === 'name' ? `Name of the ${kind}.` : undefined),
  )
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
