import { beforeEach, describe, expect, it } from 'vitest'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  ResourceClaim,
} from '../../api/generated/resource-v1.ts'
import { StatusError } from '../../api/status.ts'
import { TestKinds } from '../testing/test-kinds.ts'

const driver = 'd.example.com'
const gpu = { request: 'gpu', driver, pool: 'p', device: 'gpu-0' }
const shareID = '6f1f7b1c-2f0e-4f57-9a55-0a5ad0a5c001'

let kinds: TestKinds
let claim: ResourceClaim
beforeEach(async () => {
  kinds = new TestKinds()
  claim = (await kinds.create(
    '{ kind: ResourceClaim, metadata: { name: c }, spec: { devices: { requests: [{ name: gpu, exactly: { deviceClassName: gpu } }, { name: card, firstAvailable: [{ name: big, deviceClassName: gpu }] }] } } }',
  )) as ResourceClaim
})

/** What is wrong with a status; the path in front is left out. */
async function problems(status: ResourceClaim['status'], path: string): Promise<string[]> {
  try {
    claim = (await kinds.update(claim, (copy) => (copy.status = status), 'status')) as ResourceClaim
    return []
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return (error.status.details?.causes ?? []).map(({ field = '', message }) =>
      `${field}: ${message}`.replace(path, ''),
    )
  }
}

describe('the allocation of a claim', () => {
  const check = (devices: AllocationResult['devices']): Promise<string[]> =>
    problems({ allocation: { devices } }, 'status.allocation.devices.')
  const results = (change: object): AllocationResult['devices'] => ({ results: [{ ...gpu, ...change }] })

  it('names requests of the claim, and devices', async () => {
    expect(await check(results({ request: 'other', driver: 'a b', pool: '', device: 'GPU' }))).toEqual([
      'results[0].request: Invalid value: "other": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      expect.stringMatching(/^results\[0\]\.driver: Invalid value: "a b": a lowercase RFC 1123 subdomain/),
      'results[0].pool: Required value',
      expect.stringMatching(/^results\[0\]\.device: Invalid value: "GPU": a lowercase RFC 1123 label/),
    ])
    expect(await check(results({ request: 'card/big', shareID }))).toEqual([])
  })

  it('says of which share of a device it is', async () => {
    const wrong = async (id: string): Promise<string> => (await check(results({ shareID: id }))).join()
    expect(await wrong('x')).toBe(
      'results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
    )
    expect(await wrong(shareID.toUpperCase())).toMatch(/: uid must be in RFC 4122 normalized form/)
    expect(await wrong(shareID.replace('-', '_'))).toMatch(/: error validating uid: invalid UUID format$/)
  })

  it('has configurations of the claim or its class', async () => {
    const opaque = { driver, parameters: {} }
    expect(
      await check({
        config: [
          { source: 'FromHere', requests: ['gpu', 'gpu'], opaque },
          { source: 'FromClass', opaque: { driver, parameters: { text: 'x'.repeat(10 * 1024) } } },
        ],
      }),
    ).toEqual([
      'config[0].source: Unsupported value: "FromHere": supported values: "FromClaim", "FromClass"',
      'config[0].requests[1]: Duplicate value: "gpu"',
      'config[1].opaque.parameters: Too long: may not be more than 10240 bytes',
    ])
  })

  it('does not change', async () => {
    expect(await check(results({}))).toEqual([])
    expect(await check(results({ device: 'gpu-1' }))).toEqual([
      expect.stringMatching(/^status\.allocation: Invalid value: .*: field is immutable$/),
    ])
  })
})

describe('what drivers tell of a claim’s devices', () => {
  const check = (...devices: object[]): Promise<string[]> =>
    problems(
      {
        allocation: { devices: { results: [gpu] } },
        devices: devices.map(
          (one) => ({ driver, pool: 'p', device: 'gpu-0', ...one }) as AllocatedDeviceStatus,
        ),
      },
      'status.devices',
    )

  it('is of devices it has, each once', async () => {
    expect(await check({ device: 'gpu-1' }, { shareID })).toEqual([
      '[0]: Invalid value: d.example.com/p/gpu-1: must be an allocated device in the claim',
      `[1]: Invalid value: d.example.com/p/gpu-0/${shareID}: must be an allocated device in the claim`,
    ])
    expect(await check({}, {})).toEqual(['[1]: Duplicate value: "d.example.com/p/gpu-0"'])
    expect(await check({ data: { any: 'thing' } })).toEqual([])
  })

  it('is bounded', async () => {
    const condition = { status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }
    const conditions = Array.from({ length: 9 }, (_value, at) => ({ ...condition, type: `t-${at}` }))
    expect(await check({ conditions, data: { text: 'x'.repeat(10 * 1024) } })).toEqual([
      '[0].conditions: Too many: 9: must have at most 8 items',
      '[0].data: Too long: may not be more than 10240 bytes',
    ])
  })

  it('is of network interfaces with addresses in their canonical form', async () => {
    const ips = ['10.9.8.7/24', '2001:db8::1/64', '300.9.8.0/24', '010.009.008.000/24', '2001:0db8::1/64']
    const networkData = { interfaceName: 'e'.repeat(257), hardwareAddress: 'a'.repeat(129), ips }
    expect(await check({ networkData })).toEqual([
      '[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
      '[0].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
      '[0].networkData.ips[2]: Invalid value: "300.9.8.0/24": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      '[0].networkData.ips[3]: Invalid value: "010.009.008.000/24": must be in canonical form ("10.9.8.0/24")',
      '[0].networkData.ips[4]: Invalid value: "2001:0db8::1/64": must be in canonical form ("2001:db8::1/64")',
    ])
  })
})
