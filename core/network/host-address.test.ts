import { describe, expect, it } from 'vitest'
import { hostAddress } from './host-address.ts'

/** TEST-NET-1 (RFC 5737): no machine has it. */
const elsewhere = '192.0.2.1'

describe('host address', () => {
  it('is the gateway where that belongs to this machine', async () => {
    expect(await hostAddress({ gateway: '127.0.0.2', hostGateway: '192.168.65.254' })).toEqual({
      listen: '127.0.0.2',
      reach: '127.0.0.2',
    })
  })

  it('is the forwarded address of an engine in a virtual machine', async () => {
    expect(await hostAddress({ gateway: elsewhere, hostGateway: '192.168.65.254' })).toEqual({
      listen: '127.0.0.1',
      reach: '192.168.65.254',
    })
  })

  it('explains when there is none', async () => {
    expect(await hostAddress({ gateway: elsewhere })).toEqual({
      unreachable: expect.stringContaining('192.0.2.1 is no address of this machine') as string,
    })
  })
})
