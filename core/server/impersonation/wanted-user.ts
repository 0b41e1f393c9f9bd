import { goQuote } from '../../api/go-text.ts'
import type { UserInfo } from '../../api/request.ts'
import { badRequest } from '../../api/status.ts'

const extraPrefix = 'impersonate-extra-'

/**
 * The user that the headers of a request ask to act as, as they say it; undefined when they ask for none (upstream:
 * processImpersonationHeaders). `rawHeaders` are names and values in turn, as Node's. Throws 400 for one without a name.
 */
export function wantedUser(rawHeaders: readonly string[]): UserInfo | undefined {
  let name = ''
  let uid = ''
  let hasGroups = false
  const groups: string[] = []
  const extra: Record<string, string[]> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]!
    // Nothing else begins so; most requests have none.
    if (header.length < 11 || !/^impersonate-/i.test(header)) continue
    const value = rawHeaders[at + 1] ?? ''
    const lower = header.toLowerCase()
    if (lower === 'impersonate-user') name ||= value
    else if (lower === 'impersonate-uid') uid ||= value
    else if (lower === 'impersonate-group') {
      hasGroups = true
      groups.push(value)
    } else if (lower.startsWith(extraPrefix)) {
      const key = decodeExtraKey(lower.slice(extraPrefix.length))
      ;(extra[key] ??= []).push(value)
    }
  }
  const hasExtra = Object.keys(extra).length > 0
  const user: UserInfo = { name, groups, ...(uid && { uid }), ...(hasExtra && { extra }) }
  if (name) return user
  if (!hasGroups && !uid && !hasExtra) return undefined
  throw badRequest(`requested ${goText(user)} without impersonating a user name`)
}

function decodeExtraKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** As Go's `%#v` prints a user. */
function goText({ name, uid = '', groups, extra }: UserInfo): string {
  const list = (texts: string[]): string => `[]string{${texts.map((text) => goQuote(text)).join(', ')}}`
  const groupText = groups.length > 0 ? list(groups) : '[]string(nil)'
  const entries = Object.entries(extra ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const extraText = extra
    ? `map[string][]string{${entries.map(([key, values]) => `${goQuote(key)}:${list(values)}`).join(', ')}}`
    : 'map[string][]string(nil)'
  return `&user.DefaultInfo{Name:${goQuote(name)}, UID:${goQuote(uid)}, Groups:${groupText}, Extra:${extraText}}`
}
