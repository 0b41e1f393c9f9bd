import type { UserInfo } from '../../api/request.ts'
import type { AuthorizationAttributes } from '../../auth/authz/authorizer.ts'
import type { Clock } from '../../util/clock.ts'
import { authorizeUser, type Check } from './authorize-user.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { accountOf, isAssociated, nodeOf } from './special-users.ts'

/** Who somebody acts as, and under which constraint; '' for none. */
export interface Impersonation {
  user: UserInfo
  constraint: string
}

/**
 * One way to act as somebody else. Undefined: `wanted` cannot be acted as in this way. Throws the 403 of who may not. `request` is
 * what is asked for, by whom.
 */
export type ImpersonationMode = (
  wanted: UserInfo,
  request: AuthorizationAttributes,
) => Promise<Impersonation | undefined>

/** All of them, in the order in which they are tried (upstream: allImpersonationModes). */
export function impersonationModes(check: Check, clock: Clock): ImpersonationMode[] {
  const caches = { check, clock }
  return [
    associatedNode(caches),
    constrained({
      ...caches,
      mode: 'arbitrary-node',
      applies: (wanted) => isNameAlone(wanted) && nodeOf(wanted.name) !== undefined,
    }),
    constrained({
      ...caches,
      mode: 'serviceaccount',
      applies: (wanted) => isNameAlone(wanted) && accountOf(wanted.name) !== undefined,
    }),
    constrained({
      ...caches,
      mode: 'user-info',
      // What Kubernetes itself has names for is not for this mode.
      applies: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined,
    }),
    async (wanted, { user: requestor }) => {
      const verb = { verb: 'impersonate', isConstrained: false }
      return { user: await authorizeUser(check, verb, { wanted, requestor }), constraint: '' }
    },
  ]
}

interface Constrained {
  check: Check
  clock: Clock
  mode: string
  applies(wanted: UserInfo, requestor: UserInfo): boolean
  /** What the caches go by, where that is less than all of it. */
  keyOf?(wanted: UserInfo, request: AuthorizationAttributes): [UserInfo, AuthorizationAttributes]
}

/**
 * A mode that takes two rights: to do this very thing as somebody else (`impersonate-on:<mode>:<verb>`), and to be that
 * one (`impersonate:<mode>`). Both, and the second alone, are remembered (upstream: constrainedImpersonationModeState).
 */
function constrained({ check, clock, mode, applies, keyOf }: Constrained): ImpersonationMode {
  const whole = new ExpiringCache<Impersonation>(clock)
  const users = new ExpiringCache<Impersonation>(clock)
  const verb = `impersonate:${mode}`
  return async (wanted, request) => {
    const { user: requestor } = request
    if (!applies(wanted, requestor)) return undefined
    const [keyUser, { user: keyRequestor, ...what }] = keyOf?.(wanted, request) ?? [wanted, request]
    const who = JSON.stringify([shown(keyRequestor), shown(keyUser)])
    const key = who + JSON.stringify(what)
    const known = whole.get(key)
    if (known) return known
    await check({ ...request, verb: `impersonate-on:${mode}:${request.verb}` })
    let found = users.get(who)
    if (!found) {
      const user = await authorizeUser(check, { verb, isConstrained: true }, { wanted, requestor })
      found = { user, constraint: verb }
      users.set(who, found)
    }
    whole.set(key, found)
    return found
  }
}

/** A user without regard to the order in which its parts were set. */
function shown({ name, uid = '', groups, extra = {} }: UserInfo): unknown[] {
  return [name, uid, groups, Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1))]
}

function isNameAlone({ uid, groups, extra }: UserInfo): boolean {
  return !uid && groups.length === 0 && !extra
}

const associatedVerb = 'impersonate:associated-node'

/**
 * A service account acts as the node that its pod is on. Which node that is does not matter for its rights, so that the
 * pods of a DaemonSet are asked about once; nor do the values of what else its token says.
 */
function associatedNode({ check, clock }: { check: Check; clock: Clock }): ImpersonationMode {
  const mode = constrained({
    clock,
    check: (attributes) => check(withoutNode(attributes)),
    mode: 'associated-node',
    applies: (wanted, requestor) => isNameAlone(wanted) && isAssociated(requestor, wanted.name),
    keyOf: (_wanted, request) => [{ name: 'system:node:*', groups: [] }, withoutNode(request)],
  })
  return async (wanted, request) => {
    const found = await mode(wanted, request)
    return found && { ...found, user: { ...found.user, name: wanted.name } }
  }
}

function withoutNode(attributes: AuthorizationAttributes): AuthorizationAttributes {
  const { user, verb } = attributes
  const keys = Object.keys(user.extra ?? {}).toSorted()
  return {
    ...attributes,
    user: { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } },
    ...(verb === associatedVerb && { name: '*' }),
  }
}
