import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const make = (spec: string, status = '{}'): ReturnType<TestKinds['create']> =>
  kinds.create(`{ kind: Node, apiVersion: v1, metadata: { name: n }, spec: ${spec}, status: ${status} }`)

describe('Node', () => {
  it('names the range of its pods twice', async () => {
    const node = await make('{ podCIDR: 10.0.0.0/24 }')
    expect(node.spec.podCIDRs).toEqual(['10.0.0.0/24'])
    // Where both names are there, the older one counts: a patch of the newer changes nothing.
    const changed = await kinds.update(node, ({ spec }) => (spec.podCIDRs = ['10.0.1.0/24']))
    expect(changed.spec).toEqual(node.spec)
  })

  it('has the older name of its first range where the newer is given', async () => {
    expect((await make('{ podCIDRs: [10.0.0.0/24, "2001:db8::/64"] }')).spec.podCIDR).toBe('10.0.0.0/24')
  })

  it('is refused for every problem at once', async () => {
    const spec =
      '{ taints: [{ key: "a b", effect: Odd }, { key: c, effect: NoExecute }, { key: c, effect: NoExecute, value: x }], podCIDRs: [10.0.0.0/24, 10.0.0.0/24] }'
    expect(await causesOf(make(spec, '{ capacity: { cpu: "-1", example.com/gpu: 500m } }'))).toEqual([
      expect.stringContaining('FieldValueInvalid metadata.taints[0].key: Invalid value: "a b"'),
      'FieldValueNotSupported metadata.taints[0].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'FieldValueDuplicate metadata.taints[2]: Duplicate value: {"Key":"c","Value":"x","Effect":"NoExecute","TimeAdded":null}: taints must be unique by key and effect pair',
      'FieldValueInvalid status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'FieldValueInvalid status.capacity.example.com/gpu: Invalid value: "500m": must be an integer',
      'FieldValueInvalid status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'FieldValueInvalid status.allocatable.example.com/gpu: Invalid value: "500m": must be an integer',
      'FieldValueInvalid spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
    ])
  })

  it('keeps its ranges and provider once it has them', async () => {
    const node = await make('{ podCIDR: 10.0.0.0/24, providerID: a }')
    const causes = await causesOf(
      kinds.update(node, (copy) => (copy.spec = { podCIDR: '10.0.1.0/24', providerID: 'b' })),
    )
    expect(causes).toEqual([
      'FieldValueForbidden spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'FieldValueForbidden spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ])
  })

  it('has every address once', async () => {
    const node = await make('{}')
    const address = { type: 'InternalIP', address: '10.0.0.1' }
    const change = (copy: { status: object }): unknown =>
      Object.assign(copy.status, { addresses: [address, address] })
    expect(await causesOf(kinds.update(node, change, 'status'))).toEqual([
      'FieldValueDuplicate status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    ])
  })
})
