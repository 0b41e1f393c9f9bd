import { beforeEach, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

it('does not keep the topology of the version before', async () => {
  const made = await kinds.create(
    '{ kind: EndpointSlice, metadata: { name: s }, addressType: IPv4, endpoints: [{ addresses: [10.0.0.1], deprecatedTopology: { "a b": c, topology.kubernetes.io/zone: z } }] }',
  )
  expect(made.endpoints[0]).not.toHaveProperty('deprecatedTopology')
  const changed = await kinds.update(made, ({ endpoints }) => {
    endpoints[0].deprecatedTopology = { 'kubernetes.io/hostname': 'n' }
  })
  expect(changed.endpoints[0]).not.toHaveProperty('deprecatedTopology')
})

it('is refused for its ports before its endpoints, whose families are those of all their addresses', async () => {
  const slice =
    '{ kind: EndpointSlice, metadata: { name: s }, addressType: IPv4, endpoints: [{ addresses: [10.0.0.1, "2001:db8::1"] }], ports: [{ protocol: Odd }] }'
  expect(await causesOf(kinds.create(slice))).toEqual([
    'FieldValueNotSupported ports[0].protocol: Unsupported value: "Odd": supported values: "SCTP", "TCP", "UDP"',
    'FieldValueInvalid endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address',
  ])
})
