import type { UserInfo } from '../../api/request.ts'
import { authenticatedGroup, unauthenticatedGroup } from '../../auth/authn/authenticator.ts'
import { accessDenied, type AuthorizationAttributes } from '../../auth/authz/authorizer.ts'
import { validateDomainPrefixedPath } from '../../kinds/validation/domain-names.ts'
import { accountOf, nodeOf } from './special-users.ts'

/** Throws the 403 of what is not allowed. */
export type Check = (attributes: AuthorizationAttributes) => Promise<void>

/** How somebody acts as somebody else: `impersonate`, or with a constraint `impersonate:<mode>`. */
export interface ImpersonationVerb {
  verb: string
  isConstrained: boolean
}

/** From how many names on it is asked first whether all are allowed. */
const manyNames = 4

/**
 * Asks whether `requestor` may act as each part of `wanted`, and gives the user that comes of it (upstream:
 * impersonationModeState.check). Throws 403.
 */
export async function authorizeUser(
  check: Check,
  { verb, isConstrained }: ImpersonationVerb,
  { wanted, requestor }: { wanted: UserInfo; requestor: UserInfo },
): Promise<UserInfo> {
  const attributes = (
    resource: string,
    group: string,
    more: Partial<AuthorizationAttributes>,
  ): AuthorizationAttributes => ({
    user: requestor,
    verb,
    isResourceRequest: true,
    path: '',
    apiGroup: group,
    apiVersion: 'v1',
    namespace: '',
    resource,
    subresource: '',
    name: '',
    ...more,
  })
  const identity = 'authentication.k8s.io'
  const nameGroup = isConstrained ? identity : ''
  const node = isConstrained ? nodeOf(wanted.name) : undefined
  const account = accountOf(wanted.name)
  if (node !== undefined) await check(attributes('nodes', nameGroup, { name: node }))
  else if (account) await check(attributes('serviceaccounts', nameGroup, account))
  else await check(attributes('users', nameGroup, { name: wanted.name }))
  if (wanted.uid) await check(attributes('uids', identity, { name: wanted.uid }))
  if (wanted.groups.length > 0) {
    await checkGroups(check, wanted.groups, isConstrained, (name) =>
      attributes('groups', nameGroup, { name }),
    )
  }
  if (wanted.extra) {
    await checkExtra(check, wanted.extra, isConstrained, (key, name) =>
      attributes('userextras', identity, { subresource: key, name }),
    )
  }
  return { ...wanted, groups: effectiveGroups(wanted, node !== undefined, account?.namespace) }
}

async function checkGroups(
  check: Check,
  groups: string[],
  isConstrained: boolean,
  attributes: (name: string) => AuthorizationAttributes,
): Promise<void> {
  if (isConstrained) {
    if (groups.includes('')) {
      throw accessDenied(attributes(''), 'impersonating the empty string group is not allowed')
    }
    if (groups.includes('system:masters')) {
      const why = 'impersonating the system:masters group is not allowed'
      throw accessDenied(attributes('system:masters'), why)
    }
    if (groups.length >= manyNames && (await passes(check, attributes('*')))) return
  }
  for (const group of groups) await check(attributes(group))
}

async function checkExtra(
  check: Check,
  extra: Record<string, string[]>,
  isConstrained: boolean,
  attributes: (key: string, value: string) => AuthorizationAttributes,
): Promise<void> {
  if (isConstrained) {
    const problem = extraProblem(extra)
    if (problem !== undefined) throw accessDenied(attributes('', ''), problem)
    const count = Object.values(extra).flat().length
    if (count >= manyNames && (await passes(check, attributes('*', '*')))) return
  }
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) await check(attributes(key, value))
  }
}

async function passes(check: Check, attributes: AuthorizationAttributes): Promise<boolean> {
  return check(attributes).then(
    () => true,
    () => false,
  )
}

function extraProblem(extra: Record<string, string[]>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    const problems = validateDomainPrefixedPath(key, 'extra.key').map(
      ({ field, message }) => `${field}: ${message}`,
    )
    if (problems.length > 0) {
      const why = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
      return `impersonating an invalid key in extra is not allowed: ${why}`
    }
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}

function effectiveGroups(wanted: UserInfo, isNode: boolean, accountNamespace: string | undefined): string[] {
  const groups = new Set(isNode ? ['system:nodes'] : wanted.groups)
  if (accountNamespace !== undefined && wanted.groups.length === 0) {
    groups.add('system:serviceaccounts').add(`system:serviceaccounts:${accountNamespace}`)
  }
  if (wanted.name === 'system:anonymous') groups.add(unauthenticatedGroup)
  else if (!groups.has(unauthenticatedGroup)) groups.add(authenticatedGroup)
  return [...groups]
}
