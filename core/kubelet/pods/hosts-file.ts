/** Names of one address, as in /etc/hosts. */
export interface HostAlias {
  ip: string
  hostnames: string[]
}

/** What every pod's file begins with; the conformance suite looks for the first line. */
const always = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** The /etc/hosts of a pod (upstream: kubelet_pods.go, managedHostsFileContent); with hostNetwork address and name are the node's. */
export function renderHostsFile(
  pod: { ip: string; hostname: string; domainname?: string },
  aliases: readonly HostAlias[],
): string {
  const { ip, hostname, domainname } = pod
  const names = domainname ? [`${hostname}.${domainname}`, hostname] : [hostname]
  const added = aliases.map(({ ip: of, hostnames }) => [of, ...hostnames].join('\t'))
  const lines = [...always, [ip, ...names].join('\t')]
  if (added.length > 0) lines.push('', '# Entries added by HostAliases.', ...added)
  return `${lines.join('\n')}\n`
}
