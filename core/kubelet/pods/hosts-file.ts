/** Names of one address, as in /etc/hosts. */
export interface HostAlias {
  ip: string
  hostnames: string[]
}

/** What files begin with; the conformance suite tells by it whose a file is. */
const heading = '# Kubernetes-managed hosts file.'
const headingOfNode = '# Kubernetes-managed hosts file (host network).'

/** What every file has after that. */
const always = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/**
 * The /etc/hosts of a pod; with hostNetwork it is the node's, whose address and name are given then (upstream: kubelet_pods.go,
 * managedHostsFileContent and nodeHostsFileContent).
 */
export function renderHostsFile(
  pod: { ip: string; hostname: string; domainname?: string; hostNetwork?: boolean },
  aliases: readonly HostAlias[],
): string {
  const { ip, hostname, domainname, hostNetwork } = pod
  const names = domainname ? [`${hostname}.${domainname}`, hostname] : [hostname]
  const added = aliases.map(({ ip: of, hostnames }) => [of, ...hostnames].join('\t'))
  const lines = [hostNetwork ? headingOfNode : heading, ...always, [ip, ...names].join('\t')]
  if (added.length > 0) lines.push('', '# Entries added by HostAliases.', ...added)
  return `${lines.join('\n')}\n`
}
