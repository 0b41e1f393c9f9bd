import { apiRoot } from '../../api/gvk.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import { arrangeKinds } from '../discovery/group-order.ts'
import { routesOfCustomKind } from './custom-routes.ts'
import { routesOfKind } from './kind-routes.ts'
import { groupRoute, rootRoutes, versionRoute } from './root-routes.ts'
import type { OptionParameters } from './route-parameters.ts'
import type { Route } from './route.ts'
import type { KindScope } from './scheme-versions.ts'

/** What one document of OpenAPI v3 is made of; all of them together are the one of OpenAPI v2. */
export interface DocumentPlan {
  /** Its name in the index, such as `apis/apps/v1`. */
  path: string
  kinds: KindDefinition[]
  /** Whether it tells of custom resources only. */
  isCustom: boolean
  scope: KindScope
  routes(options: OptionParameters): Route[]
}

/**
 * The documents there are: of each group version, each group that is not of custom resources alone, and of what is no
 * object (upstream: apiserver pkg/server/routes/openapi.go InstallV3; of custom resources apiextensions-apiserver's
 * pkg/controller/openapiv3).
 */
export function planDocuments(kinds: KindDefinition[]): DocumentPlan[] {
  const plans: DocumentPlan[] = Object.entries(rootRoutes).map(([path, routes]) => plainPlan(path, routes))
  for (const { group, versions } of arrangeKinds(kinds)) {
    const isOwn = versions.some((served) => !served.kinds.every(isCustom))
    if (group !== '' && isOwn) plans.push(plainPlan(`apis/${group}`, [groupRoute(group)]))
    for (const served of versions) plans.push(versionPlan(served))
  }
  return plans
}

function plainPlan(path: string, routes: Route[]): DocumentPlan {
  return { path, kinds: [], isCustom: false, scope: 'all', routes: () => routes }
}

function versionPlan(served: { group: string; version: string; kinds: KindDefinition[] }): DocumentPlan {
  const { group, version, kinds } = served
  const isOfCustom = kinds.every(isCustom)
  return {
    path: apiRoot(served).slice(1),
    kinds,
    isCustom: isOfCustom,
    scope: isOfCustom ? 'custom' : { group, version },
    routes: (options) => [
      ...(isOfCustom ? [] : [versionRoute(served)]),
      ...kinds.flatMap((kind) => (isCustom(kind) ? routesOfCustomKind : routesOfKind)(kind, options)),
    ],
  }
}

/** The schemas that routes name. */
export function modelsOf(routes: Route[]): Set<string> {
  const models = new Set<string>()
  for (const { body, answers } of routes) {
    if (body) models.add(body.schema)
    for (const model of Object.values(answers)) if ('schema' in model) models.add(model.schema)
  }
  return models
}
