import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../../api/generated/discovery-v1.ts'
import { makeService, makeSlice } from '../service-fixtures.ts'
import { serviceEntries } from './service-entries.ts'

const web = makeService('web', { clusterIP: '10.96.0.20' })

function endpointsOf(...slices: ReturnType<typeof makeSlice>[]) {
  return serviceEntries(web, slices, { name: 'node-1' }).map((entry) => entry.endpoints)
}

describe('service entries', () => {
  it('has the ready endpoints of all slices with their target port', () => {
    const second = { ...makeSlice('web', ['10.244.2.2', '10.244.1.2']), metadata: { name: 'other' } }
    expect(
      serviceEntries(web, [makeSlice('web', ['10.244.1.2', '10.244.1.3']), second], { name: 'node-1' }),
    ).toEqual([
      {
        clusterIp: '10.96.0.20',
        protocol: 'tcp',
        port: 80,
        endpoints: ['10.244.1.2:8080', '10.244.1.3:8080', '10.244.2.2:8080'],
        affinitySeconds: 0,
      },
    ])
  })

  it.each(['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'])(
    'has nothing of a Service or a slice with the label %s, which is for others to serve',
    (label) => {
      const labelled = { ...web, metadata: { ...web.metadata, labels: { [label]: '' } } }
      const slice = makeSlice('web', ['10.244.1.2'])
      expect(serviceEntries(labelled, [slice], { name: 'node-1' })).toEqual([])
      slice.metadata.labels![label] = ''
      expect(endpointsOf(slice)).toEqual([[]])
    },
  )

  it('leaves unready endpoints out, and takes unknown readiness as ready', () => {
    const slice = makeSlice('web', [
      { addresses: ['10.244.1.2'], conditions: { ready: false, serving: false } },
      { addresses: ['10.244.1.3'] },
    ])
    expect(endpointsOf(slice)).toEqual([['10.244.1.3:8080']])
  })

  it('falls back to endpoints that serve while terminating only when none is ready', () => {
    const draining = {
      addresses: ['10.244.1.2'],
      conditions: { ready: false, serving: true, terminating: true },
    }
    const stopped = {
      addresses: ['10.244.1.4'],
      conditions: { ready: false, serving: false, terminating: true },
    }
    expect(endpointsOf(makeSlice('web', [draining, stopped]))).toEqual([['10.244.1.2:8080']])
    expect(endpointsOf(makeSlice('web', [draining, '10.244.1.3']))).toEqual([['10.244.1.3:8080']])
  })

  it('keeps to the node with internalTrafficPolicy Local', () => {
    const local = makeService('web', { clusterIP: '10.96.0.20', internalTrafficPolicy: 'Local' })
    const slice = makeSlice('web', [
      { addresses: ['10.244.1.2'], nodeName: 'node-1' },
      { addresses: ['10.244.2.2'], nodeName: 'node-2' },
    ])
    expect(serviceEntries(local, [slice], { name: 'node-2' }).map((entry) => entry.endpoints)).toEqual([
      ['10.244.2.2:8080'],
    ])
  })

  it('keeps to the endpoints that hints mean for the node or its zone, if every one has some', () => {
    const near = {
      addresses: ['10.244.1.2'],
      hints: { forNodes: [{ name: 'node-1' }], forZones: [{ name: 'a' }] },
    }
    const far = {
      addresses: ['10.244.2.2'],
      hints: { forNodes: [{ name: 'node-2' }], forZones: [{ name: 'a' }] },
    }
    const farther = { addresses: ['10.244.3.2'], hints: { forZones: [{ name: 'b' }] } }
    const from = (name: string, zone: string | undefined, ...endpoints: Endpoint[]): readonly string[] =>
      serviceEntries(web, [makeSlice('web', endpoints)], { name, zone })[0]!.endpoints
    expect(from('node-1', 'a', near, far)).toEqual(['10.244.1.2:8080'])
    expect(from('node-3', 'a', near, far, farther)).toEqual(['10.244.1.2:8080', '10.244.2.2:8080'])
    expect(from('node-3', 'b', near, far, farther)).toEqual(['10.244.3.2:8080'])
    expect(from('node-3', 'c', near, farther)).toHaveLength(2)
    expect(from('node-3', undefined, near, farther)).toHaveLength(2)
    expect(from('node-1', 'b', farther, { addresses: ['10.244.4.2'] })).toHaveLength(2)
  })

  it('has the time that a client keeps its endpoint, three hours by default', () => {
    const seconds = (more: object) =>
      serviceEntries(makeService('web', { clusterIP: '10.96.0.20', ...more }), [], { name: 'node-1' })[0]
        ?.affinitySeconds
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 20 } }
    expect(seconds({})).toBe(0)
    expect(seconds({ sessionAffinity: 'ClientIP' })).toBe(10_800)
    expect(seconds({ sessionAffinity: 'ClientIP', sessionAffinityConfig })).toBe(20)
  })

  it('matches ports by name and protocol', () => {
    const dns = makeService('dns', {
      clusterIP: '10.96.0.10',
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        { name: 'sctp', port: 53, protocol: 'SCTP' },
      ],
    })
    const slice = makeSlice(
      'dns',
      ['10.244.1.2'],
      [
        { name: 'dns-tcp', port: 5354, protocol: 'TCP' },
        { name: 'dns', port: 5353, protocol: 'UDP' },
      ],
    )
    const found = serviceEntries(dns, [slice], { name: 'node-1' }).map((entry) => [
      entry.protocol,
      ...entry.endpoints,
    ])
    expect(found).toEqual([
      ['udp', '10.244.1.2:5353'],
      ['tcp', '10.244.1.2:5354'],
    ])
  })

  it('has nothing for headless and ExternalName Services', () => {
    const slice = makeSlice('web', ['10.244.1.2'])
    expect(serviceEntries(makeService('web', { clusterIP: 'None' }), [slice], { name: 'node-1' })).toEqual([])
    expect(serviceEntries(makeService('web', { type: 'ExternalName' }), [slice], { name: 'node-1' })).toEqual(
      [],
    )
  })

  const nodes = [
    { name: 'node-1', ip: '10.247.1.1' },
    { name: 'node-2', ip: '10.247.2.1' },
  ]
  const spread = makeSlice('web', [
    { addresses: ['10.244.1.2'], nodeName: 'node-1' },
    { addresses: ['10.244.2.2'], nodeName: 'node-2' },
  ])
  const ofNodePort = (more: object) =>
    serviceEntries(
      makeService('web', {
        clusterIP: '10.96.0.20',
        type: 'NodePort',
        ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
        ...more,
      }),
      [spread],
      { name: 'node-1' },
      nodes,
    ).map(({ clusterIp, port, endpoints }) => [`${clusterIp}:${port}`, ...endpoints])

  it('answers a node port at every node', () => {
    expect(ofNodePort({})).toEqual([
      ['10.96.0.20:80', '10.244.1.2:8080', '10.244.2.2:8080'],
      ['10.247.1.1:30080', '10.244.1.2:8080', '10.244.2.2:8080'],
      ['10.247.2.1:30080', '10.244.1.2:8080', '10.244.2.2:8080'],
    ])
  })

  it('keeps to the endpoints of the node asked, with externalTrafficPolicy Local', () => {
    expect(ofNodePort({ externalTrafficPolicy: 'Local' }).slice(1)).toEqual([
      ['10.247.1.1:30080', '10.244.1.2:8080'],
      ['10.247.2.1:30080', '10.244.2.2:8080'],
    ])
  })

  it('answers at external and load-balancer addresses', () => {
    const service = makeService('web', { clusterIP: '10.96.0.20', externalIPs: ['192.0.2.7', '2001:db8::7'] })
    service.status = {
      loadBalancer: { ingress: [{ ip: '192.0.2.8' }, { ip: '192.0.2.9', ipMode: 'Proxy' }] },
    }
    expect(serviceEntries(service, [spread], { name: 'node-1' }).map(({ clusterIp }) => clusterIp)).toEqual([
      '10.96.0.20',
      '192.0.2.7',
      '192.0.2.8',
    ])
  })
})
