import type { IncomingHttpHeaders } from 'node:http'
import type { UserInfo } from '../../api/request.ts'
import { badRequest } from '../../api/status.ts'
import { authenticatedGroup, unauthenticatedGroup } from '../../auth/authn/authenticator.ts'
import { accessDenied, type AuthorizationAttributes, type Authorizer } from '../../auth/authz/authorizer.ts'
import type { Filter } from './filter.ts'

const extraPrefix = 'impersonate-extra-'

/**
 * Acts as the user named by Impersonate-User, -Group, -Uid and -Extra-*, when the caller may `impersonate` each of them
 * (upstream: endpoints/filters/impersonation.go).
 */
export function impersonationFilter(options: { authorizer: Authorizer }): Filter {
  return async (exchange, next) => {
    const wanted = await impersonatedUser(exchange.request.headers, exchange.user, options.authorizer)
    if (wanted) {
      exchange.user = wanted
      exchange.audit?.impersonated(wanted)
    }
    return next(exchange)
  }
}

function values(header: string | string[] | undefined): string[] {
  if (header === undefined) return []
  return [header].flat().flatMap((value) => value.split(',').map((part) => part.trim()))
}

/** The user to act as; undefined when the headers ask for none. Throws 403 when the caller may not. */
export async function impersonatedUser(
  headers: IncomingHttpHeaders,
  caller: UserInfo,
  authorizer: Authorizer,
): Promise<UserInfo | undefined> {
  const wanted = readHeaders(headers)
  if (!wanted) return undefined
  for (const attributes of requirements(wanted, caller)) {
    const { allowed, reason } = await authorizer.authorize(attributes)
    if (!allowed) throw accessDenied(attributes, reason)
  }
  return { ...wanted, groups: effectiveGroups(wanted) }
}

function readHeaders(headers: IncomingHttpHeaders): UserInfo | undefined {
  const name = [headers['impersonate-user']].flat()[0]
  const groups = values(headers['impersonate-group'])
  const uid = [headers['impersonate-uid']].flat()[0]
  const extra: Record<string, string[]> = {}
  for (const key of Object.keys(headers)) {
    if (key.startsWith(extraPrefix))
      extra[decodeExtraKey(key.slice(extraPrefix.length))] = values(headers[key])
  }
  const hasExtra = Object.keys(extra).length > 0
  if (!name) {
    if (groups.length === 0 && !uid && !hasExtra) return undefined
    throw badRequest(`requested ${JSON.stringify({ groups, uid, extra })} without impersonating a user name`)
  }
  const user: UserInfo = { name, groups }
  if (uid) user.uid = uid
  if (hasExtra) user.extra = extra
  return user
}

function decodeExtraKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

function serviceAccountOf(name: string): { namespace: string; name: string } | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  return match ? { namespace: match[1]!, name: match[2]! } : undefined
}

function requirements(wanted: UserInfo, caller: UserInfo): AuthorizationAttributes[] {
  const base = {
    user: caller,
    verb: 'impersonate',
    isResourceRequest: true,
    path: '',
    apiGroup: '',
    apiVersion: 'v1',
    namespace: '',
    subresource: '',
  }
  const account = serviceAccountOf(wanted.name)
  const identity = { ...base, apiGroup: 'authentication.k8s.io' }
  const list: AuthorizationAttributes[] = [
    account
      ? { ...base, resource: 'serviceaccounts', namespace: account.namespace, name: account.name }
      : { ...base, resource: 'users', name: wanted.name },
  ]
  for (const group of wanted.groups) list.push({ ...base, resource: 'groups', name: group })
  if (wanted.uid) list.push({ ...identity, resource: 'uids', name: wanted.uid })
  for (const [key, texts] of Object.entries(wanted.extra ?? {})) {
    for (const text of texts) list.push({ ...identity, resource: 'userextras', subresource: key, name: text })
  }
  return list
}

function effectiveGroups(wanted: UserInfo): string[] {
  const groups = new Set(wanted.groups)
  const account = serviceAccountOf(wanted.name)
  if (account && wanted.groups.length === 0) {
    groups.add('system:serviceaccounts')
    groups.add(`system:serviceaccounts:${account.namespace}`)
  }
  if (wanted.name === 'system:anonymous') groups.add(unauthenticatedGroup)
  else groups.add(authenticatedGroup)
  return [...groups]
}
