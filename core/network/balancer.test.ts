import { beforeEach, describe, expect, it } from 'vitest'
import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { createBalancer, targetAddress, type Balancer } from './balancer.ts'
import { MemorySource } from './memory-source.ts'
import { makeService, makeSlice } from './service-fixtures.ts'
import { createServiceIndex } from './service-index.ts'

const port = { port: 80, protocol: 'TCP' }
const key = 'default/web'

describe('balancer', () => {
  let clock: FakeClock
  let services: MemorySource<Service>
  let slices: MemorySource<EndpointSlice>
  let balancer: Balancer

  beforeEach(() => {
    clock = new FakeClock()
    services = new MemorySource([makeService('web')])
    slices = new MemorySource([makeSlice('web', ['10.244.1.2', '10.244.1.3'])])
    balancer = createBalancer({ services: createServiceIndex({ services, endpointSlices: slices }), clock })
  })

  const choose = (client: string, avoid?: ReadonlySet<string>): string | undefined => {
    const target = balancer.choose({ key, port, client, ...(avoid && { avoid }) })
    return target && targetAddress(target)
  }
  const many = (client: string): Set<string | undefined> =>
    new Set(Array.from({ length: 60 }, () => choose(client)))

  it('spreads connections over the ready endpoints, and tells the pod behind one', () => {
    expect(many('127.0.0.1').size).toBe(2)
    const targetRef = { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'u1' }
    slices.put(makeSlice('web', [{ addresses: ['10.244.1.4'], targetRef, nodeName: 'n1' }]))
    expect(balancer.choose({ key, port, client: '127.0.0.1' })).toEqual({
      ip: '10.244.1.4',
      port: 8080,
      pod: { ref: { namespace: 'default', name: 'web-1', uid: 'u1' }, nodeName: 'n1' },
    })
  })

  it('keeps a client at its endpoint for the time after its last connection', async () => {
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10 } }
    services.put(makeService('web', { sessionAffinity: 'ClientIP', sessionAffinityConfig }))
    const first = choose('127.0.0.1')
    for (let round = 0; round < 20; round++) {
      await clock.advance(9_000)
      expect(choose('127.0.0.1')).toBe(first)
    }
    const after = new Set<string | undefined>()
    for (let round = 0; round < 60; round++) {
      await clock.advance(10_000)
      after.add(choose('127.0.0.1'))
    }
    expect(after.size).toBe(2)
  })

  it('leaves an endpoint that is gone, and gives others to other clients', () => {
    services.put(makeService('web', { sessionAffinity: 'ClientIP' }))
    const first = choose('127.0.0.1')
    expect(new Set(Array.from({ length: 60 }, (_, client) => choose(`127.0.1.${client}`))).size).toBe(2)
    const other = first === '10.244.1.2:8080' ? '10.244.1.3' : '10.244.1.2'
    slices.put(makeSlice('web', [other]))
    expect(choose('127.0.0.1')).toBe(`${other}:8080`)
    slices.put(makeSlice('web', ['10.244.1.2', '10.244.1.3']))
    expect(many('127.0.0.1')).toEqual(new Set([`${other}:8080`]))
  })

  it('avoids what was tried in vain while there is another', () => {
    const tried = new Set(['10.244.1.2:8080'])
    for (let round = 0; round < 20; round++) expect(choose('127.0.0.1', tried)).toBe('10.244.1.3:8080')
    slices.put(makeSlice('web', ['10.244.1.2']))
    expect(choose('127.0.0.1', tried)).toBe('10.244.1.2:8080')
  })

  it('has nothing without endpoints and for ExternalName', () => {
    slices.put(makeSlice('web', []))
    expect(choose('127.0.0.1')).toBeUndefined()
    slices.put(makeSlice('web', ['10.244.1.2']))
    services.put(makeService('web', { type: 'ExternalName', externalName: 'example.com' }))
    expect(choose('127.0.0.1')).toBeUndefined()
  })
})
