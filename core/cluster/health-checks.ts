import type { HealthCheck } from '../util/health/health-report.ts'

/**
 * A part of the server that takes a while to start: what admission goes by, flow control, custom kinds, extension servers,
 * access control, before which the cluster's own objects are put in place, the Lease of the server, and the tracking of tokens.
 */
export type StartedPart =
  'admission' | 'flowControl' | 'definitions' | 'aggregation' | 'access' | 'identity' | 'tokenTracking'

/** What the checks ask; the first two throw, or reject, when it is not so. */
export interface HealthConditions {
  checkStore(): Promise<void>
  checkAgents(): void
  hasStarted(part: StartedPart): boolean
  isClosing(): boolean
}

/** What upstream's server does after its start, in its order, and which part of this one has done it. */
const hooks: readonly [name: string, part: StartedPart][] = [
  ['start-apiserver-admission-initializer', 'admission'],
  ['generic-apiserver-start-informers', 'admission'],
  ['priority-and-fairness-config-consumer', 'flowControl'],
  ['priority-and-fairness-filter', 'flowControl'],
  ['storage-object-count-tracker-hook', 'flowControl'],
  ['start-apiextensions-informers', 'definitions'],
  ['start-apiextensions-controllers', 'definitions'],
  ['crd-informer-synced', 'definitions'],
  ['start-system-namespaces-controller', 'access'],
  ['start-cluster-authentication-info-controller', 'access'],
  ['start-kube-apiserver-identity-lease-controller', 'identity'],
  ['start-kube-apiserver-identity-lease-garbage-collector', 'identity'],
  // Everything that is stored is read before anything is served.
  ['storage-readiness', 'definitions'],
  ['start-legacy-token-tracking-controller', 'tokenTracking'],
  ['start-service-ip-repair-controllers', 'access'],
  ['rbac/bootstrap-roles', 'access'],
  ['scheduling/bootstrap-system-priority-classes', 'access'],
  ['priority-and-fairness-config-producer', 'flowControl'],
  ['bootstrap-controller', 'access'],
  ['start-kubernetes-service-cidr-controller', 'access'],
  ['aggregator-reload-proxy-client-cert', 'aggregation'],
  ['start-kube-aggregator-informers', 'aggregation'],
  ['apiservice-status-local-available-controller', 'aggregation'],
  ['apiservice-status-remote-available-controller', 'aggregation'],
  ['apiservice-registration-controller', 'aggregation'],
  ['apiservice-wait-for-first-sync', 'aggregation'],
  ['apiservice-discovery-controller', 'aggregation'],
  ['kube-apiserver-autoregistration', 'aggregation'],
]
/** Those after the check that every group is registered. */
const laterHooks: typeof hooks = [
  ['apiservice-openapi-controller', 'aggregation'],
  ['apiservice-openapiv3-controller', 'aggregation'],
]

/**
 * What `/healthz`, `/livez` and `/readyz` ask, by upstream's names, which monitoring goes by. Of upstream's checks those are
 * left out that nothing here stands for.
 */
export function healthChecks(conditions: HealthConditions): HealthCheck[] {
  const all: HealthCheck['endpoints'] = ['healthz', 'livez', 'readyz']
  const check = (): Promise<void> => conditions.checkStore()
  const started = (name: string, part: StartedPart): HealthCheck => ({
    name,
    endpoints: all,
    check() {
      if (!conditions.hasStarted(part)) throw new Error('not finished')
    },
  })
  return [
    { name: 'etcd', endpoints: all, check },
    { name: 'etcd-readiness', endpoints: ['readyz'], check },
    { name: 'informer-sync', endpoints: ['readyz'], check: () => conditions.checkAgents() },
    ...hooks.map(([name, part]) => started(`poststarthook/${name}`, part)),
    started('autoregister-completion', 'aggregation'),
    ...laterHooks.map(([name, part]) => started(`poststarthook/${name}`, part)),
    {
      name: 'shutdown',
      endpoints: ['readyz'],
      check() {
        if (conditions.isClosing()) throw new Error('process is shutting down')
      },
    },
  ]
}
