import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../api/generated/core-v1.ts'
import { parseResolvConf, renderResolvConf } from './resolv-conf.ts'

const host = { nameservers: ['127.0.0.53', '192.0.2.1'], searches: ['corp.example'], options: ['edns0'] }

function render(spec: Partial<PodSpec>) {
  const pod = { metadata: { name: 'p', namespace: 'shop' }, spec: { containers: [], ...spec } }
  return renderResolvConf(pod, { clusterDnsIp: '10.96.0.10', clusterDomain: 'cluster.local', host })
}

describe('resolv.conf of a pod', () => {
  it('points to the cluster DNS and searches its own namespace first', () => {
    expect(render({})).toBe(
      'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\n' +
        'nameserver 10.96.0.10\noptions ndots:5\n',
    )
  })

  it('adds dnsConfig; its options win', () => {
    const dnsConfig = {
      nameservers: ['192.0.2.9', '10.96.0.10'],
      searches: ['extra.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'single-request' }],
    }
    expect(render({ dnsConfig })).toBe(
      'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example extra.example\n' +
        'nameserver 10.96.0.10\nnameserver 192.0.2.9\noptions ndots:2 single-request\n',
    )
  })

  it('is made of dnsConfig alone with None', () => {
    expect(render({ dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.9'] } })).toBe(
      'nameserver 192.0.2.9\n',
    )
  })

  it("is the host's with Default, the cluster DNS standing in for a loopback resolver", () => {
    expect(render({ dnsPolicy: 'Default' })).toBe(
      'search corp.example\nnameserver 10.96.0.10\nnameserver 192.0.2.1\noptions edns0\n',
    )
  })

  it("is the same on the node's network, whose loopback is not the host's, unless the policy says otherwise", () => {
    expect(render({ hostNetwork: true })).toBe(render({ dnsPolicy: 'Default' }))
    expect(render({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toContain(
      'nameserver 10.96.0.10\n',
    )
  })
})

describe('parseResolvConf', () => {
  it('reads the keywords and skips comments', () => {
    expect(
      parseResolvConf(
        '# made by hand\nnameserver 192.0.2.1 ; first\ndomain old.example\nsearch a.example b.example\noptions ndots:2 rotate\n',
      ),
    ).toEqual({
      nameservers: ['192.0.2.1'],
      searches: ['a.example', 'b.example'],
      options: ['ndots:2', 'rotate'],
    })
  })
})
