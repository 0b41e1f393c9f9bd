import { describe, expect, it } from 'vitest'
import { hostAddress } from './host-address.ts'

describe('host address', () => {
  it('is the gateway where that belongs to this machine', () => {
    expect(hostAddress({ gateway: '10.244.0.1', localAddresses: ['127.0.0.1', '10.244.0.1'] })).toEqual({
      listen: '10.244.0.1',
      reach: '10.244.0.1',
    })
  })

  it('is the forwarded address of an engine in a virtual machine', () => {
    expect(
      hostAddress({ gateway: '10.244.0.1', hostGateway: '192.168.65.254', localAddresses: ['127.0.0.1'] }),
    ).toEqual({ listen: '127.0.0.1', reach: '192.168.65.254' })
  })

  it('explains when there is none', () => {
    expect(hostAddress({ gateway: '10.244.0.1', localAddresses: [] })).toEqual({
      unreachable: expect.stringContaining('10.244.0.1 is no address of this machine') as string,
    })
  })
})
