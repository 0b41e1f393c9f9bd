import type { ProtobufEncoder } from '../registry/protobuf/encode-protobuf.ts'
import type { Registry } from '../registry/registry.ts'
import type { Schema } from '../registry/schema/schema.ts'
import type { Clock } from '../util/clock.ts'
import type { HealthCheck } from '../util/health/health-report.ts'
import type { Logger } from '../util/logger.ts'
import { createMetricRegistry, type MetricRegistry } from '../util/metrics/metric-registry.ts'
import type { Aggregator } from './aggregation/aggregator.ts'
import { createDiscoveryHandler } from './discovery/discovery-handler.ts'
import type { Route } from './handlers/non-resource-handler.ts'
import { createHealthHandler } from './health.ts'
import { createMetricsHandler } from './metrics/metrics-handler.ts'
import { createDescriptionSource, findModelDirectory } from './openapi/descriptions.ts'
import type { DocumentSource } from './openapi/document.ts'
import { createOpenApiHandler } from './openapi/openapi-handler.ts'
import { createSwaggerHandler } from './openapi/v2-handler.ts'
import { requireProduced } from './responses/produced.ts'
import { respond } from './responses/respond.ts'
import { versionInfo } from './version.ts'
import { createFlagzHandler } from './zpages/flagz.ts'
import { createStatuszHandler } from './zpages/statusz.ts'

/** What is told outside the resources. */
interface RouteOptions {
  registry: Registry
  protobuf: ProtobufEncoder
  schemas: () => Record<string, Schema>
  aggregator?: Aggregator
  healthChecks?: HealthCheck[]
  flags?: Readonly<Record<string, string>>
  /** Further ones. */
  routes?: Route[]
  clock: Clock
  log: Logger
}

/** The paths outside the resources, and what answers them. */
export function createRoutes(
  options: RouteOptions,
  own: { metrics: MetricRegistry; address: () => string },
): Route[] {
  const { registry, aggregator } = options
  const remotes = aggregator ? { remotes: () => aggregator.versions() } : {}
  const slis = createMetricRegistry()
  const health = createHealthHandler({ checks: options.healthChecks ?? [], slis, log: options.log })
  const discovery = createDiscoveryHandler({
    registry,
    protobuf: options.protobuf,
    address: own.address,
    ...remotes,
  })
  const version = versionInfo()
  const source = (): DocumentSource => ({
    schemas: options.schemas(),
    describe: createDescriptionSource(findModelDirectory()),
    gitVersion: version.gitVersion,
  })
  const openApi = createOpenApiHandler({ registry, gitVersion: version.gitVersion, source, ...remotes })
  const routes: Route[] = [
    { path: '/api', subpaths: true, handle: discovery },
    { path: '/apis', subpaths: true, handle: discovery },
    { path: '/healthz', subpaths: true, handle: health },
    { path: '/livez', subpaths: true, handle: health },
    { path: '/metrics', handle: createMetricsHandler(own.metrics) },
    { path: '/metrics/slis', handle: createMetricsHandler(slis) },
    { path: '/openapi/v2', handle: createSwaggerHandler({ registry, source, ...remotes }) },
    { path: '/openapi/v3', subpaths: true, handle: openApi },
    { path: '/readyz', subpaths: true, handle: health },
    {
      path: '/version',
      onlyGet: true,
      // Laid out for readers whoever asks, as upstream.
      handle: (exchange) => {
        requireProduced(exchange, ['application/json'])
        const body = JSON.stringify(version, null, 2)
        return respond(exchange, { code: 200, contentType: 'application/json', body })
      },
    },
    ...(options.flags ? [{ path: '/flagz', handle: createFlagzHandler(options.flags) }] : []),
    ...(options.routes ?? []),
  ]
  // It comes last, and tells of all the others.
  const handle = createStatuszHandler({
    clock: options.clock,
    version,
    paths: () =>
      rootPaths(
        registry,
        routes.filter(({ path }) => path !== '/statusz'),
      ),
  })
  routes.push({ path: '/statusz', handle })
  return routes
}

/** Every path a client may try, sorted (upstream: the index of `/`). */
export function rootPaths(registry: Registry, routes: Route[]): string[] {
  const paths = new Set(routes.map(({ path }) => path))
  for (const { group, version } of registry.kinds()) {
    if (group === '') paths.add(`/api/${version}`)
    else paths.add(`/apis/${group}`).add(`/apis/${group}/${version}`)
  }
  return [...paths, '/apis/'].sort()
}
