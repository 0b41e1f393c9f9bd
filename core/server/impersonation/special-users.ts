import { dns1123LabelProblems, dns1123SubdomainProblems } from '../../api/names.ts'
import type { UserInfo } from '../../api/request.ts'

const nodePrefix = 'system:node:'
const accountPrefix = 'system:serviceaccount:'

/** The node that a user name stands for; undefined for any other user. */
export function nodeOf(username: string): string | undefined {
  if (!username.startsWith(nodePrefix)) return undefined
  const name = username.slice(nodePrefix.length)
  return dns1123SubdomainProblems(name).length === 0 ? name : undefined
}

/** The service account that a user name stands for; undefined for any other user (upstream: serviceaccount.SplitUsername). */
export function accountOf(username: string): { namespace: string; name: string } | undefined {
  if (!username.startsWith(accountPrefix)) return undefined
  const [namespace = '', name = '', ...more] = username.slice(accountPrefix.length).split(':')
  const isAccount =
    more.length === 0 &&
    dns1123LabelProblems(namespace).length === 0 &&
    dns1123SubdomainProblems(name).length === 0
  return isAccount ? { namespace, name } : undefined
}

/** Whether it is a service account whose token says that its pod is on the node that `username` stands for. */
export function isAssociated(requestor: UserInfo, username: string): boolean {
  const node = nodeOf(username)
  const names = requestor.extra?.['authentication.kubernetes.io/node-name'] ?? []
  return (
    node !== undefined && accountOf(requestor.name) !== undefined && names.length === 1 && names[0] === node
  )
}
