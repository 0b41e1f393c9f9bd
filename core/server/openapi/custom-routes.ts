import type { KindDefinition } from '../../registry/kind.ts'
import { patchTypesOf } from '../../registry/patch/patch-types.ts'
import { capitalize, pathParametersOf } from './kind-routes.ts'
import type { Model, Route } from './route.ts'
import { prettyParameter, type OptionParameters } from './route-parameters.ts'
import { listSchemaNameOf, metaSchemas, schemaNameOf, schemaNameOfKind } from './schema-names.ts'

const types = ['application/json', 'application/yaml']
const deleteBody = { schema: metaSchemas.deleteOptions, isRequired: false }

/**
 * The routes of a custom resource as documents tell of them, which differs from what they tell of built-in kinds: no
 * watches of old, no protobuf, an object for an answer to a deletion (upstream: apiextensions-apiserver
 * pkg/controller/openapi/builder/builder.go buildRoute).
 */
export function routesOfCustomKind(definition: KindDefinition, options: OptionParameters): Route[] {
  const { group, version, kind, names, namespaced } = definition
  const root = `/apis/${group}/${version}`
  const all = `${root}/${names.plural}`
  const base = namespaced ? `${root}/namespaces/{namespace}/${names.plural}` : all
  const scope = namespaced ? 'Namespaced' : ''
  const object: Model = { schema: schemaNameOf(definition) }
  const status: Model = { schema: metaSchemas.status }
  const patches = Object.keys(patchTypesOf(definition))

  function route(path: string, parts: Omit<Route, 'path' | 'parameters'> & { options: string }): Route {
    const { options: name, ...rest } = parts
    const parameters = [prettyParameter, ...options.of(name), ...pathParametersOf(path, definition)]
    return { consumes: types, ...rest, path, produces: types, parameters, kind: { group, version, kind } }
  }
  const list = (path: string, operation: string, where: string): Route =>
    route(path, {
      method: 'get',
      operation,
      description: `Lists objects of kind ${kind}${where}.`,
      answers: { 200: { schema: listSchemaNameOf(definition) } },
      action: 'list',
      options: 'ListOptions',
    })
  const get = (path: string, suffix: string, model: Model, subject: string): Route =>
    route(path, {
      method: 'get',
      operation: `read${scope}${kind}${suffix}`,
      description: `Reads ${subject}.`,
      answers: { 200: model },
      action: 'get',
      options: 'GetOptions',
    })
  const put = (path: string, suffix: string, model: Model, subject: string): Route =>
    route(path, {
      method: 'put',
      operation: `replace${scope}${kind}${suffix}`,
      description: `Replaces ${subject}.`,
      body: bodyOf(model),
      answers: { 200: model, 201: model },
      action: 'put',
      options: 'UpdateOptions',
    })
  const patch = (path: string, suffix: string, model: Model, subject: string): Route =>
    route(path, {
      method: 'patch',
      operation: `patch${scope}${kind}${suffix}`,
      description: `Changes parts of ${subject}.`,
      consumes: patches,
      body: { schema: metaSchemas.patch, isRequired: true },
      answers: { 200: model },
      action: 'patch',
      options: 'PatchOptions',
    })
  const remove = (path: string, action: 'delete' | 'deletecollection'): Route =>
    route(path, {
      method: 'delete',
      operation: `${action === 'delete' ? 'delete' : 'deleteCollection'}${scope}${kind}`,
      description: `Deletes ${action === 'delete' ? `one ${kind}` : `all objects of kind ${kind} that are chosen`}.`,
      ...(action === 'delete' && { body: deleteBody }),
      answers: { 200: status, ...(action === 'delete' && { 202: status }) },
      action,
      options: action === 'delete' ? 'DeleteOptions' : 'ListOptions',
    })
  const item = (name: string, model: Model): Route[] => {
    const path = `${base}/{name}${name && `/${name}`}`
    const suffix = capitalize(name)
    const subject = name ? `the ${name} of one ${kind}` : `one ${kind}`
    return [
      get(path, suffix, model, subject),
      put(path, suffix, model, subject),
      patch(path, suffix, model, subject),
    ]
  }
  return [
    ...(namespaced ? [list(all, `list${kind}ForAllNamespaces`, ' of all namespaces')] : []),
    list(base, `list${scope}${kind}`, ''),
    route(base, {
      method: 'post',
      operation: `create${scope}${kind}`,
      description: `Creates one ${kind}.`,
      body: bodyOf(object),
      answers: { 200: object, 201: object, 202: object },
      action: 'post',
      options: 'CreateOptions',
    }),
    remove(base, 'deletecollection'),
    ...item('', object),
    remove(`${base}/{name}`, 'delete'),
    ...(definition.status ? item('status', object) : []),
    ...(definition.scale ? item('scale', scaleModel) : []),
  ]
}

const scaleModel: Model = {
  schema: schemaNameOfKind({ group: 'autoscaling', version: 'v1', kind: 'Scale' }),
}

function bodyOf(model: Model): Route['body'] {
  return 'schema' in model ? { schema: model.schema, isRequired: true } : undefined
}
