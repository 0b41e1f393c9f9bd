import { describe, expect, it } from 'vitest'
import { renderHostsFile } from './hosts-file.ts'

describe('the hosts file of a pod', () => {
  it('names the pod, fully where it has a domain', () => {
    const plain = renderHostsFile({ ip: '10.1.0.5', hostname: 'web' }, [])
    expect(plain.split('\n')[0]).toBe('# Kubernetes-managed hosts file.')
    expect(plain.endsWith('\n10.1.0.5\tweb\n')).toBe(true)
    const full = renderHostsFile(
      { ip: '10.1.0.5', hostname: 'web', domainname: 'sub.ns.svc.cluster.local' },
      [],
    )
    expect(full).toContain('\n10.1.0.5\tweb.sub.ns.svc.cluster.local\tweb\n')
  })

  it('says at its beginning when it is the one of the node, as the conformance suite expects', () => {
    const file = renderHostsFile({ ip: '10.1.0.2', hostname: 'node-1', hostNetwork: true }, [])
    expect(file.split('\n')[0]).toBe('# Kubernetes-managed hosts file (host network).')
    expect(file.split('\n')[1]).toBe('127.0.0.1\tlocalhost')
    expect(file.endsWith('\n10.1.0.2\tnode-1\n')).toBe(true)
  })

  it('has one line per alias, with all of its names', () => {
    const file = renderHostsFile({ ip: '10.1.0.5', hostname: 'web' }, [
      { ip: '123.45.67.89', hostnames: ['foo', 'bar'] },
    ])
    expect(file).toContain('\n\n# Entries added by HostAliases.\n123.45.67.89\tfoo\tbar\n')
  })
})
