import type { APIService } from '../../api/api-service.ts'
import type { RequestContext } from '../../api/request.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Registry } from '../../registry/registry.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { RequestInfo } from '../request-info.ts'
import { checkAvailability, type Verdict } from './check-availability.ts'
import { followObjects, type FollowedObjects } from '../follow-objects.ts'
import { registerLocalApis } from './register-local.ts'
import { isSameVersion, readRemoteVersion, type RemoteVersion } from './remote-discovery.ts'
import { createRemoteApi, type RemoteApi } from './remote-api.ts'
import type { ServiceAgentOptions } from './service-agent.ts'

export interface AggregatorOptions extends ServiceAgentOptions {
  registry: Registry
  clock: Clock
  log: Logger
}

/** Knows which group versions extension API servers serve, and whether they can be used. */
export interface Aggregator extends Disposable {
  /** Who serves what is asked for; undefined: this server. */
  remoteFor(info: RequestInfo): RemoteApi | undefined
  /** What is known of every group version that is served elsewhere; the same array as long as nothing has changed. */
  versions(): readonly RemoteVersion[]
  isAvailable(remote: RemoteApi): boolean
  /** Begins to register what is served here and to check what is not; resolves when it is known what is not. */
  start(): Promise<void>
}

/** How often extension API servers are asked whether they are still there (upstream: the informer's resync). */
const checkPeriodMs = 30_000
/** How soon one that failed is asked again. */
const retryMs = 1_000

/** Creates the aggregator (upstream: kube-aggregator); it knows nothing until started. */
export function createAggregator(options: AggregatorOptions): Aggregator {
  const { registry, clock, log } = options
  const remotes = new Map<string, RemoteApi>()
  const discovered = new Map<string, RemoteVersion>()
  let versions: readonly RemoteVersion[] = []
  const retries = new Map<string, Disposable>()
  const running: Disposable[] = []
  let registering: Promise<void> = Promise.resolve()
  let followed: FollowedObjects<APIService> | undefined
  let isStopped = false

  function onChange(name: string, object: APIService | undefined): void {
    const before = remotes.get(name)
    const isSame = before && object && JSON.stringify(before.object.spec) === JSON.stringify(object.spec)
    if (isSame) {
      // A new status; the connections stay.
      remotes.set(name, { ...before, object })
      return
    }
    before?.close()
    remotes.delete(name)
    forget(name)
    // What is served here is registered again when somebody takes it away.
    if (!object) void register()
    if (!object?.spec.service) return
    const remote = createRemoteApi(object, options)
    remotes.set(name, remote)
    check(name)
  }

  function check(name: string): void {
    retries.get(name)?.[Symbol.dispose]()
    retries.delete(name)
    const remote = remotes.get(name)
    if (!remote || isStopped) return
    void judge(name, remote)
      .catch((error: unknown) => {
        log.warn('an APIService could not be checked', { name, error })
        return false
      })
      .then((isGood) => {
        if (!isGood && !isStopped)
          retries.set(
            name,
            clock.after(retryMs, () => check(name)),
          )
      })
  }

  async function judge(name: string, remote: RemoteApi): Promise<boolean> {
    const verdict = await checkAvailability(registry, remote)
    const version = await readRemoteVersion(remote, discovered.get(name))
    if (remotes.has(name) && !isSameVersion(discovered.get(name), version)) {
      discovered.set(name, version)
      versions = [...discovered.values()]
    }
    return record(name, verdict)
  }
  function forget(name: string): void {
    if (discovered.delete(name)) versions = [...discovered.values()]
  }

  /** Writes the condition where it differs from the one there; says whether all is well. */
  async function record(name: string, verdict: Verdict): Promise<boolean> {
    const apiServices = registry.resource('apiregistration.k8s.io', 'v1', 'apiservices')!
    try {
      const { object } = await apiServices.get(undefined, name)
      const current = object as unknown as APIService
      const before = current.status?.conditions?.find(({ type }) => type === 'Available')
      const { status, reason, message } = verdict
      const isKnown = before?.status === status && before.reason === reason && before.message === message
      if (!isKnown && current.spec.service) {
        const now = rfc3339(clock.now())
        const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now
        const conditions = [{ type: 'Available', lastTransitionTime, ...verdict }]
        const changed = { ...object, status: { conditions } }
        await apiServices.update({ namespace: undefined, name }, structuredClone(changed), {
          context: ownContext(clock),
          subresource: 'status',
        })
      }
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error
      return isNotFound(error)
    }
    return verdict.status === 'True'
  }

  /** One after the other, each going by what is served and registered then; tries again when it fails. */
  function register(): Promise<void> {
    registering = registering.then(async () => {
      if (!followed || isStopped) return
      try {
        await registerLocalApis(registry, followed.objects, ownContext(clock))
      } catch (error) {
        if (isStopped) return
        log.warn('APIServices could not be registered', { error })
        retries.get('')?.[Symbol.dispose]()
        retries.set(
          '',
          clock.after(retryMs, () => void register()),
        )
      }
    })
    return registering
  }

  return {
    remoteFor({ apiGroup, apiVersion, isResourceRequest, path }) {
      if (remotes.size === 0) return undefined
      if (isResourceRequest) return remotes.get(`${apiVersion}.${apiGroup}`)
      const match = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)$/.exec(
        path.replace(/(^\/apis\/.*)\/$/, '$1'),
      )
      return match ? remotes.get(`${match[2]}.${match[1]}`) : undefined
    },
    versions: () => versions,
    isAvailable: ({ object }) =>
      object.status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True') ===
      true,
    async start() {
      const apiServices = registry.resource('apiregistration.k8s.io', 'v1', 'apiservices')!
      followed = await followObjects<APIService & { apiVersion: string; kind: string }>(
        apiServices,
        onChange,
        options,
      )
      running.push(
        registry.onKindsChanged(() => void register()),
        clock.every(checkPeriodMs, () => {
          for (const name of remotes.keys()) check(name)
        }),
      )
      // Nobody needs to wait for it: what is served here is served without.
      void register()
    },
    [Symbol.dispose]() {
      isStopped = true
      followed?.[Symbol.dispose]()
      for (const part of [...running, ...retries.values()]) part[Symbol.dispose]()
      for (const remote of remotes.values()) remote.close()
    },
  }
}

/** The API server itself, as the author of a write. */
function ownContext(clock: Clock): RequestContext {
  return {
    user: { name: 'system:kube-aggregator', groups: ['system:masters'] },
    dryRun: false,
    // It is a part of the server, under whose name it writes.
    fieldManager: 'kube-apiserver',
    now: rfc3339(clock.now()),
    warn: () => undefined,
  }
}
