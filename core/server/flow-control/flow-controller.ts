import type { FlowSchema, PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import type { RequestContext, UserInfo } from '../../api/request.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { followObjects, type FollowedObjects } from '../follow-objects.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { RequestInfo } from '../request-info.ts'
import { borrowSeats } from './borrow-seats.ts'
import { danglingCondition } from './dangling-condition.ts'
import { dealHand } from './deal-hand.ts'
import { defaultObjects } from './default-objects.ts'
import { createFlowMetrics, type FlowCounts } from './flow-metrics.ts'
import { compileFlowSchema, inPrecedence, type FlowSchemaTest } from './flow-matcher.ts'
import { keepDefaults } from './keep-defaults.ts'
import { PriorityLevel } from './priority-level.ts'

/** Where a request belongs: made once for all requests that are alike. */
export interface Flow {
  readonly schemaUid: string
  readonly levelUid: string
  readonly level: PriorityLevel
  /** The queues its requests may wait in. */
  readonly hand: readonly number[]
  readonly counts: FlowCounts
}

/** API Priority and Fairness: which requests may be worked on at once. */
export interface FlowController extends Disposable {
  /** Cheap for requests like one that was seen before. */
  match(user: UserInfo, info: RequestInfo): Flow
  /** Begins to go by what is stored, and to put the default objects in place; until then by the mandatory ones. */
  start(): Promise<void>
}

/** Requests worked on at once, reads and writes together (upstream: --max-requests-inflight and its sibling). */
const serverSeats = 600
const borrowPeriodMs = 10_000
const defaultsPeriodMs = 60_000
/** So many kinds of requests are remembered before all are forgotten. */
const mostRemembered = 10_000

interface CompiledSchema {
  object: FlowSchema
  matches: FlowSchemaTest
  level: PriorityLevel
}

/** Creates it over the stored FlowSchemas and PriorityLevelConfigurations (upstream: apf_controller.go). */
export function createFlowController(options: {
  registry: Registry
  metrics: MetricRegistry
  clock: Clock
  log: Logger
}): FlowController {
  const { registry, clock, log } = options
  const levels = new Map<string, PriorityLevel>()
  const metrics = createFlowMetrics(options.metrics, () => levels.values())
  const parts: Disposable[] = []
  let schemas: CompiledSchema[] = []
  let remembered = new Map<string, Flow>()
  let followedLevels: FollowedObjects<PriorityLevelConfiguration> | undefined
  let followedSchemas: FollowedObjects<FlowSchema> | undefined
  let isDigestDue = false
  let isStopped = false

  /** Once for all changes that come together. */
  function digestSoon(): void {
    if (isDigestDue) return
    isDigestDue = true
    queueMicrotask(() => {
      isDigestDue = false
      if (!isStopped) digest()
    })
  }

  function digest(): void {
    const { mandatory } = defaultObjects
    const levelObjects = new Map(mandatory.levels.map((object) => [object.metadata.name, object]))
    for (const [name, object] of followedLevels?.objects ?? []) levelObjects.set(name, object)
    for (const [name, object] of levelObjects) {
      const known = levels.get(name)
      if (known) known.object = object
      else levels.set(name, new PriorityLevel(object, clock))
    }
    for (const [name, level] of levels) {
      level.isLeaving = !levelObjects.has(name)
      if (level.isLeaving && level.queues.isIdle) levels.delete(name)
    }
    const all = [...levels.values()]
    const shareSum = all.reduce((sum, { shares }) => sum + shares, 0)
    for (const level of all) level.setBounds(serverSeats, shareSum)
    metrics.fairFraction = borrowSeats(all)
    compileSchemas(levelObjects)
  }

  function compileSchemas(levelObjects: ReadonlyMap<string, unknown>): void {
    const stored = [...(followedSchemas?.objects.values() ?? [])]
    const isUsable = ({ spec }: FlowSchema): boolean => levelObjects.has(spec.priorityLevelConfiguration.name)
    const usable = inPrecedence(stored.filter(isUsable))
    const [exempt, catchAll] = defaultObjects.mandatory.schemas
    const has = (name: string): boolean => usable.some(({ metadata }) => metadata.name === name)
    const wanted = [...(has('exempt') ? [] : [exempt!]), ...usable, ...(has('catch-all') ? [] : [catchAll!])]
    schemas = wanted.map((object) => ({
      object,
      matches: compileFlowSchema(object),
      level: levels.get(object.spec.priorityLevelConfiguration.name)!,
    }))
    remembered = new Map()
    for (const object of stored) noteDangling(object, !isUsable(object))
  }

  function noteDangling(object: FlowSchema, isDangling: boolean): void {
    const condition = danglingCondition(object, isDangling, rfc3339(clock.now()))
    if (!condition) return
    const { name } = object.metadata
    const ref = { namespace: undefined, name }
    const patch = {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name },
      status: { conditions: [condition] },
    }
    resourceOf('flowschemas')
      .patch(
        ref,
        { type: 'apply', patch, force: true },
        { context: ownContext('api-priority-and-fairness-config-consumer-v1'), subresource: 'status' },
      )
      .catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error))
          log.warn('the status of a FlowSchema could not be written', { name: ref.name, error })
      })
  }

  function resourceOf(plural: string): ResourceRegistry {
    return registry.resource('flowcontrol.apiserver.k8s.io', 'v1', plural)!
  }

  function ownContext(fieldManager = 'api-priority-and-fairness-config-producer-v1'): RequestContext {
    return {
      user: { name: 'system:apiserver', groups: ['system:masters'] },
      dryRun: false,
      fieldManager,
      now: rfc3339(clock.now()),
      warn: () => undefined,
    }
  }

  async function keep(): Promise<void> {
    if (!followedLevels || !followedSchemas || isStopped) return
    try {
      await keepDefaults(
        { levels: resourceOf('prioritylevelconfigurations'), schemas: resourceOf('flowschemas') },
        { levels: followedLevels.objects, schemas: followedSchemas.objects },
        ownContext(),
      )
    } catch (error) {
      if (isStopped) return
      log.warn('the default flow schemas and priority levels could not be kept', { error })
    }
  }

  function find(user: UserInfo, info: RequestInfo): Flow {
    const found = schemas.find(({ matches }) => matches(user, info)) ?? schemas.at(-1)!
    const { object, level } = found
    const { name, uid = '' } = object.metadata
    const method = object.spec.distinguisherMethod?.type
    const distinguisher = method === 'ByUser' ? user.name : method === 'ByNamespace' ? info.namespace : ''
    return {
      schemaUid: uid,
      levelUid: level.object.metadata.uid ?? '',
      level,
      hand: level.deck ? dealHand({ schema: name, distinguisher }, level.deck) : [],
      counts: metrics.countsOf(level.name, name),
    }
  }

  digest()
  return {
    match(user, info) {
      const key = keyOf(user, info)
      const known = remembered.get(key)
      if (known) return known
      if (remembered.size >= mostRemembered) remembered.clear()
      const flow = find(user, info)
      remembered.set(key, flow)
      return flow
    },
    async start() {
      ;[followedLevels, followedSchemas] = await Promise.all([
        followObjects<PriorityLevelConfiguration & { apiVersion: string; kind: string }>(
          resourceOf('prioritylevelconfigurations'),
          digestSoon,
          options,
        ),
        followObjects<FlowSchema & { apiVersion: string; kind: string }>(
          resourceOf('flowschemas'),
          digestSoon,
          options,
        ),
      ])
      parts.push(followedLevels, followedSchemas)
      digest()
      parts.push(
        clock.every(borrowPeriodMs, () => {
          metrics.fairFraction = borrowSeats([...levels.values()])
          for (const [name, level] of levels) if (level.isLeaving && level.queues.isIdle) levels.delete(name)
        }),
        clock.every(defaultsPeriodMs, () => void keep()),
      )
      // The mandatory ones are in force already.
      void keep()
    },
    [Symbol.dispose]() {
      isStopped = true
      for (const part of parts) part[Symbol.dispose]()
    },
  }
}

/** Names of users, made once for as long as the authenticator keeps the same object. */
const userKeys = new WeakMap<UserInfo, string>()

function keyOf(user: UserInfo, info: RequestInfo): string {
  let who = userKeys.get(user)
  if (who === undefined) {
    who = `${user.name}\n${user.groups.join('\n')}`
    userKeys.set(user, who)
  }
  if (!info.isResourceRequest) return `${who}\0${info.verb}\0${info.path}`
  return `${who}\0${info.verb}\0${info.apiGroup}\0${info.resource}/${info.subresource}\0${info.namespace}`
}
