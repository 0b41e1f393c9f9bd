import type { APIService } from '../../api/api-service.ts'
import type { RequestContext } from '../../api/request.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { isBuiltInGroup, localPriority } from './group-priorities.ts'

/** Marks an APIService that is kept by the API server itself: `onstart` for its own groups, `true` for custom ones. */
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'

/**
 * Left to a metrics-server: what is served here of it is no more than a stand-in, and an object that is there already
 * would be in the way of its installation.
 */
const standIns = new Set(['metrics.k8s.io'])

/** Served by the aggregator itself, for which upstream has no object. */
const aggregators = new Set(['apiregistration.k8s.io'])

/**
 * Brings the APIServices of what is served here in step with what is served: missing ones are made, and those of custom
 * groups that are served no more are taken away. Objects that people made are left alone (upstream: autoregister).
 */
export async function registerLocalApis(
  registry: Registry,
  known: ReadonlyMap<string, APIService>,
  context: RequestContext,
): Promise<void> {
  const apiServices = registry.resource('apiregistration.k8s.io', 'v1', 'apiservices')!
  const served = new Map<string, { group: string; version: string }>()
  for (const { group, version } of registry.kinds()) {
    if (!standIns.has(group) && !aggregators.has(group)) served.set(`${version}.${group}`, { group, version })
  }
  const missing = [...served].filter(([name]) => !known.has(name))
  // At once: the store commits them together.
  await Promise.all(
    missing.map(([name, { group, version }]) =>
      create(apiServices, apiServiceOf(name, group, version), context),
    ),
  )
  for (const [name, { metadata }] of known) {
    if (served.has(name) || metadata.labels?.[managedLabel] === undefined) continue
    await apiServices.delete({ namespace: undefined, name }, {}, { context }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }
}

async function create(
  apiServices: ResourceRegistry,
  object: APIService,
  context: RequestContext,
): Promise<void> {
  try {
    await apiServices.create(undefined, object as Parameters<ResourceRegistry['create']>[1], { context })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

function apiServiceOf(name: string, group: string, version: string): APIService {
  const priority = localPriority(group, version)
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [managedLabel]: isBuiltInGroup(group) ? 'onstart' : 'true' } },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    },
  }
}
