import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decode, encode } from 'dns-packet'
import type { Answer, DecodedPacket, Packet } from 'dns-packet'
import type { Service } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { MemorySource } from '../memory-source.ts'
import { makeService, makeSlice } from '../service-fixtures.ts'
import { createServiceIndex } from '../service-index.ts'
import type { ServiceIndex } from '../service-index.ts'
import { createDnsServer } from './dns-server.ts'
import type { DnsServer } from './dns-server.ts'
import { frameTcp, readTcpFrames } from './dns-tcp-frames.ts'

/** dns-packet also gives the response code by name; its types leave that out. */
type Reply = DecodedPacket & { rcode: string }

const services = [
  makeService('web', { clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
  makeService('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  makeService('many', { clusterIP: 'None' }),
  makeService('empty', { clusterIP: 'None' }),
  makeService('outside', { type: 'ExternalName', externalName: 'www.example.org' }),
  makeService('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
]
const slices = [
  makeSlice('web', ['10.244.1.2'], [{ name: 'http', port: 8080, protocol: 'TCP' }]),
  makeSlice(
    'db',
    [
      { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.1.6'], conditions: { ready: true } },
      { addresses: ['10.244.1.7'], hostname: 'db-2', conditions: { ready: false } },
    ],
    [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  ),
  makeSlice(
    'many',
    Array.from({ length: 100 }, (_, index) => `10.244.3.${index + 2}`),
  ),
]

function question(name: string, type: string, more: Partial<Packet> = {}): Buffer {
  return encode({
    type: 'query',
    id: 4711,
    flags: 0x100,
    questions: [{ name, type: type as 'A', class: 'IN' }],
    ...more,
  })
}

async function overUdp(port: number, query: Buffer): Promise<Reply> {
  const socket = createSocket('udp4')
  socket.send(query, port, '127.0.0.1')
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return decode(answer) as Reply
}

async function overTcp(port: number, query: Buffer): Promise<Reply> {
  const socket = connect(port, '127.0.0.1')
  const answer = new Promise<Buffer>((resolve) => readTcpFrames(socket, resolve))
  // Half-closed right away, as some clients do.
  socket.end(frameTcp(query))
  const packet = decode(await answer) as Reply
  await once(socket, 'close')
  return packet
}

function data(answers: Answer[] | undefined): unknown[] {
  return (answers ?? []).map((record) => ('data' in record ? record.data : undefined))
}

describe('cluster DNS', () => {
  let index: ServiceIndex
  let server: DnsServer
  let upstream: DnsServer | undefined
  let upstreams: string[]

  beforeEach(async () => {
    upstreams = []
    index = createServiceIndex({
      services: new MemorySource<Service>(services),
      endpointSlices: new MemorySource<EndpointSlice>(slices),
    })
    server = await start(index, 'cluster.local', () => upstreams)
  })

  afterEach(async () => {
    await server.close()
    await upstream?.close()
    upstream = undefined
    index[Symbol.dispose]()
  })

  function start(of: ServiceIndex, clusterDomain: string, resolvers: () => string[]): Promise<DnsServer> {
    return createDnsServer({
      services: of,
      clusterDomain,
      upstreams: resolvers,
      listen: { address: '127.0.0.1', port: 0 },
      clock: systemClock,
      log: silentLogger,
    })
  }

  function ask(name: string, type = 'A'): Promise<Reply> {
    return overUdp(server.address.port, question(name, type))
  }

  it('answers a Service with its cluster IP, whatever the case of the name', async () => {
    const reply = await ask('Web.default.svc.Cluster.local')
    expect(reply).toMatchObject({ id: 4711, rcode: 'NOERROR', flag_aa: true, flag_ra: true, flag_rd: true })
    expect(reply.answers).toMatchObject([
      { name: 'Web.default.svc.Cluster.local', type: 'A', ttl: 5, data: '10.96.0.20' },
    ])
  })

  it('has no IPv6 addresses, but says that the name exists', async () => {
    const reply = await ask('web.default.svc.cluster.local', 'AAAA')
    expect(reply.rcode).toBe('NOERROR')
    expect(reply.answers).toEqual([])
    expect(reply.authorities).toMatchObject([{ type: 'SOA', name: 'cluster.local' }])
  })

  it('answers a headless Service with its ready endpoints, and each by its host name', async () => {
    expect(data((await ask('db.default.svc.cluster.local')).answers).sort()).toEqual([
      '10.244.1.5',
      '10.244.1.6',
    ])
    expect(data((await ask('db-0.db.default.svc.cluster.local')).answers)).toEqual(['10.244.1.5'])
    expect(data((await ask('10-244-1-6.db.default.svc.cluster.local')).answers)).toEqual(['10.244.1.6'])
    expect((await ask('db-2.db.default.svc.cluster.local')).rcode).toBe('NXDOMAIN')
    expect((await ask('empty.default.svc.cluster.local')).rcode).toBe('NXDOMAIN')
  })

  it('answers pods by their address', async () => {
    expect(data((await ask('10-244-1-5.default.pod.cluster.local')).answers)).toEqual(['10.244.1.5'])
  })

  it('answers SRV for named ports with the addresses of the targets', async () => {
    const web = await ask('_http._tcp.web.default.svc.cluster.local', 'SRV')
    expect(data(web.answers)).toEqual([
      { priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' },
    ])
    expect(data(web.additionals)).toEqual(['10.96.0.20'])
    const db = await ask('_sql._tcp.db.default.svc.cluster.local', 'SRV')
    expect(data(db.answers)).toEqual([
      { priority: 0, weight: 50, port: 5432, target: 'db-0.db.default.svc.cluster.local' },
      { priority: 0, weight: 50, port: 5432, target: '10-244-1-6.db.default.svc.cluster.local' },
    ])
    expect((await ask('_sql._udp.db.default.svc.cluster.local', 'SRV')).rcode).toBe('NXDOMAIN')
  })

  it('answers reverse questions for Services and endpoints', async () => {
    expect(data((await ask('20.0.96.10.in-addr.arpa', 'PTR')).answers)).toEqual([
      'web.default.svc.cluster.local',
    ])
    expect(data((await ask('5.1.244.10.in-addr.arpa', 'PTR')).answers)).toEqual([
      'db-0.db.default.svc.cluster.local',
    ])
  })

  it('knows nothing else in its zone, and says so with its SOA', async () => {
    for (const name of ['no.default.svc.cluster.local', 'web.other.svc.cluster.local', 'x.cluster.local']) {
      const reply = await ask(name)
      expect(reply.rcode).toBe('NXDOMAIN')
      expect(reply.authorities).toMatchObject([{ type: 'SOA' }])
    }
    expect((await ask('default.svc.cluster.local')).rcode).toBe('NOERROR')
  })

  it('cuts an answer that does not fit, and gives it whole over TCP or with EDNS', async () => {
    const name = 'many.default.svc.cluster.local'
    const cut = await ask(name)
    expect(cut.flag_tc).toBe(true)
    expect(cut.answers).toEqual([])
    expect((await overTcp(server.address.port, question(name, 'A'))).answers).toHaveLength(100)
    const edns = { type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as unknown as Answer
    const small = await overUdp(
      server.address.port,
      question('db.default.svc.cluster.local', 'A', { additionals: [edns] }),
    )
    expect(small.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
  })

  it('follows an ExternalName within the zone', async () => {
    const reply = await ask('alias.default.svc.cluster.local')
    expect(data(reply.answers)).toEqual(['web.default.svc.cluster.local', '10.96.0.20'])
  })

  it('forwards other names, over UDP and TCP, and follows aliases there', async () => {
    const far = createServiceIndex({
      services: new MemorySource([{ ...makeService('www', { clusterIP: '192.0.2.80' }) }]),
      endpointSlices: new MemorySource<EndpointSlice>([]),
    })
    upstream = await start(far, 'example.org', () => [])
    // The first resolver answers nothing but a closed port; the second is asked next.
    upstreams = ['127.0.0.1:1', `127.0.0.1:${upstream.address.port}`]
    const name = 'www.default.svc.example.org'
    const reply = await ask(name)
    expect(reply.id).toBe(4711)
    expect(data(reply.answers)).toEqual(['192.0.2.80'])
    expect(data((await overTcp(server.address.port, question(name, 'A'))).answers)).toEqual(['192.0.2.80'])
    const external = await ask('outside.default.svc.cluster.local')
    expect(external.rcode).toBe('NOERROR')
    expect(data(external.answers)).toEqual(['www.example.org'])
  })

  it('fails at once for other names when the host has no resolver', async () => {
    expect((await ask('www.example.org')).rcode).toBe('SERVFAIL')
  })

  it('answers what it cannot read with an error, and answers with silence', async () => {
    const broken = Buffer.concat([question('a.example', 'A').subarray(0, 14), Buffer.from([0xff, 0xff])])
    expect((await overUdp(server.address.port, broken)).rcode).toBe('FORMERR')
    const update = question('web.default.svc.cluster.local', 'A', { flags: 0x2800 })
    expect((await overUdp(server.address.port, update)).rcode).toBe('NOTIMP')
    const socket = createSocket('udp4')
    const heard: Buffer[] = []
    socket.on('message', (message) => heard.push(message))
    socket.send(encode({ type: 'response', id: 1, questions: [] }), server.address.port, '127.0.0.1')
    socket.send(question('web.default.svc.cluster.local', 'A'), server.address.port, '127.0.0.1')
    await once(socket, 'message')
    socket.close()
    expect(heard).toHaveLength(1)
  })
})
