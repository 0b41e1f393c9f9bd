/** The files of an image that give users their groups. */
export interface Accounts {
  passwd: string
  group: string
}

/** As whom a process begins, in numbers. */
export interface ProcessUser {
  uid: number
  gid: number
  /** The primary group is one of them, as the engine has it. */
  supplementalGroups: number[]
}

/** An entry of `passwd`, by name or number. */
export function accountOf(
  user: string,
  { passwd }: Accounts,
): { name: string; uid: number; gid: number } | undefined {
  for (const line of passwd.split('\n')) {
    const [name = '', , uid = '', gid] = line.split(':')
    if (name !== '' && (name === user || uid === user)) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** The groups that list a user as their member. */
export function membershipsOf(user: string, accounts: Accounts): number[] {
  const name = accountOf(user, accounts)?.name
  if (name === undefined) return []
  return accounts.group.split('\n').flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return gid !== undefined && members.trim().split(',').includes(name) ? [Number(gid)] : []
  })
}

/** Whether the numbers of a process follow from what it is told alone: then the image's files do not matter. */
export function isNumeric(user: string, addedGroups: readonly string[]): boolean {
  return /^\d+:\d+$/.test(user) && addedGroups.every((group) => /^\d+$/.test(group))
}

/**
 * As whom the engine begins a process that is to run as `user` or `user:group`, with groups added (upstream:
 * moby/sys/user GetExecUser); root when nothing is said.
 */
export function processUser(
  user: string,
  addedGroups: readonly string[],
  accounts: Accounts,
): ProcessUser | undefined {
  const [name = '', group = ''] = user.split(':')
  const account = accountOf(name || '0', accounts)
  const uid = account?.uid ?? numberOf(name || '0')
  const gid = group === '' ? (account?.gid ?? 0) : groupNumber(group, accounts)
  // Named with its group, a user gets no further ones by itself.
  const memberships = group === '' ? membershipsOf(name || '0', accounts) : []
  const added = addedGroups.map((one) => groupNumber(one, accounts))
  const groups = [gid, ...memberships, ...added]
  if (uid === undefined || gid === undefined) return undefined
  return { uid, gid, supplementalGroups: [...new Set(groups.filter((one) => one !== undefined))] }
}

function groupNumber(group: string, accounts: Accounts): number | undefined {
  for (const line of accounts.group.split('\n')) {
    const [name, , gid] = line.split(':')
    if (gid !== undefined && (name === group || gid === group)) return Number(gid)
  }
  return numberOf(group)
}

function numberOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
