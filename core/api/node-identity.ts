import type { UserInfo } from './request.ts'

const nodesGroup = 'system:nodes'
const namePrefix = 'system:node:'

/** The node that a user is, '' for one of the group whose node is not known; undefined for all others (upstream: nodeidentifier). */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(namePrefix) || !groups.includes(nodesGroup)) return undefined
  return name.slice(namePrefix.length)
}

/** The groups and name of a node's kubelet. */
export function nodeUser(node: string): { name: string; groups: string[] } {
  return { name: `${namePrefix}${node}`, groups: [nodesGroup] }
}
