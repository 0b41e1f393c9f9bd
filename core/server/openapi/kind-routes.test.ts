import { describe, expect, it } from 'vitest'
import { builtInKinds } from '../../kinds/index.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { routesOfCustomKind } from './custom-routes.ts'
import { planDocuments } from './document-plan.ts'
import { routesOfKind } from './kind-routes.ts'
import { namesOfOperation } from './operation-names.ts'
import { createOptionParameters } from './route-parameters.ts'
import type { Route } from './route.ts'
import { toPathItems } from './v3-paths.ts'

const options = createOptionParameters(openApiFacts().schemas())
const kindOf = (group: string, kind: string): KindDefinition =>
  builtInKinds.find((one) => one.group === group && one.kind === kind)!
const routesOf = (group: string, kind: string): Route[] => routesOfKind(kindOf(group, kind), options)
const idsOf = (routes: Route[]): string[] => routes.map((route) => namesOfOperation(route).operationId)

interface Item {
  parameters: { name: string }[]
  get: { parameters?: { name: string }[]; tags: string[] }
}

describe('operations in OpenAPI', () => {
  it('are named by the whole group, as upstream', () => {
    expect(idsOf(routesOf('', 'ConfigMap'))).toEqual([
      'listCoreV1NamespacedConfigMap',
      'createCoreV1NamespacedConfigMap',
      'deleteCoreV1CollectionNamespacedConfigMap',
      'readCoreV1NamespacedConfigMap',
      'replaceCoreV1NamespacedConfigMap',
      'patchCoreV1NamespacedConfigMap',
      'deleteCoreV1NamespacedConfigMap',
      'watchCoreV1NamespacedConfigMapList',
      'watchCoreV1NamespacedConfigMap',
      'listCoreV1ConfigMapForAllNamespaces',
      'watchCoreV1ConfigMapListForAllNamespaces',
    ])
    expect(idsOf(routesOf('rbac.authorization.k8s.io', 'ClusterRole'))).toContain(
      'listRbacAuthorizationV1ClusterRole',
    )
    const custom = { ...kindOf('', 'ConfigMap'), group: 'life.example.com', kind: 'Conv' }
    const routes = routesOfCustomKind(custom, options)
    expect(idsOf(routes)).toContain('deleteLifeExampleComV1CollectionNamespacedConv')
    expect(namesOfOperation(routes[0]!).tags).toEqual(['lifeExampleCom_v1'])
  })

  it('have names of their own', () => {
    const ids = planDocuments(builtInKinds).flatMap((plan) => idsOf(plan.routes(options)))
    expect(ids.length).toBe(new Set(ids).size)
  })

  it('share the parameters that all of a path have, in order of their names', () => {
    const items = toPathItems(routesOf('', 'ConfigMap')) as unknown as Record<string, Item>
    const object = items['/api/v1/namespaces/{namespace}/configmaps/{name}']!
    expect(object.parameters.map(({ name }) => name)).toEqual(['name', 'namespace', 'pretty'])
    expect(object.get).not.toHaveProperty('parameters')
    const all = items['/api/v1/configmaps']!
    expect(all.get).not.toHaveProperty('parameters')
    expect(all.parameters.map(({ name }) => name)).toEqual([
      'allowWatchBookmarks',
      'continue',
      'fieldSelector',
      'labelSelector',
      'limit',
      'pretty',
      'resourceVersion',
      'resourceVersionMatch',
      'sendInitialEvents',
      'shardSelector',
      'timeoutSeconds',
      'watch',
    ])
  })

  it('open connections to pods by every method, with the options of the connection', () => {
    const routes = routesOf('', 'Pod').filter(({ action }) => action === 'connect')
    expect(idsOf(routes)).toContain('connectCoreV1HeadNamespacedPodProxyWithPath')
    const exec = routes.find(({ operation }) => operation === 'connectPostNamespacedPodExec')!
    const names = exec.parameters.map(({ name, type }) => `${name} ${type}`)
    expect(names).toEqual(expect.arrayContaining(['command string', 'tty boolean', 'name string']))
    expect(exec).toMatchObject({ produces: ['*/*'], answers: { 200: { type: 'string' } } })
  })

  it('answer a deletion with the object where it is what the server answers with', () => {
    const of = (group: string, kind: string): Route =>
      routesOf(group, kind).find(({ action }) => action === 'delete')!
    expect(of('', 'Pod').answers[200]).toEqual({ schema: 'io.k8s.api.core.v1.Pod' })
    expect(of('', 'ConfigMap').answers[200]).toEqual({
      schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
    })
  })
})
