import type { Route, RouteParameter } from './route.ts'

/** What is at one path: routes, and the parameters that all of them have in common. */
export interface ArrangedPath {
  parameters: RouteParameter[]
  routes: { route: Route; parameters: RouteParameter[] }[]
}

/**
 * Routes by path, in order of paths. What all routes of a path take is said once for all of them; parameters are in
 * order of their names (upstream: kube-openapi pkg/builder/openapi.go buildPaths).
 */
export function arrangeRoutes(routes: Route[]): [path: string, ArrangedPath][] {
  const paths = Map.groupBy(routes, ({ path }) => path)
  const arranged = [...paths].map(([path, list]): [string, ArrangedPath] => {
    const counts = new Map<string, { parameter: RouteParameter; count: number }>()
    for (const { parameters } of list) {
      for (const parameter of parameters) {
        const count = (counts.get(keyOf(parameter))?.count ?? 0) + 1
        counts.set(keyOf(parameter), { parameter, count })
      }
    }
    const isCommon = (parameter: RouteParameter): boolean =>
      counts.get(keyOf(parameter))?.count === list.length
    return [
      path,
      {
        parameters: [...counts.values()]
          .map(({ parameter }) => parameter)
          .filter(isCommon)
          .sort(byName),
        routes: list.map((route) => ({
          route,
          parameters: route.parameters.filter((parameter) => !isCommon(parameter)).sort(byName),
        })),
      },
    ]
  })
  return arranged.sort(([a], [b]) => (a < b ? -1 : 1))
}

function keyOf({ in: place, name }: RouteParameter): string {
  return `${name} ${place}`
}

function byName(a: RouteParameter, b: RouteParameter): number {
  return keyOf(a) < keyOf(b) ? -1 : 1
}
