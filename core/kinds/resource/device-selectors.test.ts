import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const selectors = (expression: string): string =>
  `selectors: [{ cel: { expression: ${JSON.stringify(expression)} } }]`
const deviceClass = (expression: string): string =>
  `{ kind: DeviceClass, metadata: { name: gpu }, spec: { ${selectors(expression)} } }`
const devices = (expression: string): string =>
  `devices: { requests: [{ name: gpu, exactly: { deviceClassName: gpu, ${selectors(expression)} } }] }`

describe('selectors of devices', () => {
  it.each([
    'device.driver == "gpu.example.com" && !device.allowMultipleAllocations',
    'device.attributes["gpu.example.com"].isFast',
    'device.attributes["gpu.example.com"].model == "big"',
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("10Gi")) >= 0',
    'cel.bind(dra, device.attributes["gpu.example.com"], dra.isFast && dra.version.isGreaterThan(semver("1.0.0")))',
  ])('may be %s', async (expression) => {
    await kinds.create(deviceClass(expression))
  })

  const nested = Array.from({ length: 7 }).reduce<string>(
    (inner, _, depth) => `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(x${depth}, ${inner})`,
    "int('1'.find('[0-9]*')) < 100",
  )
  it.each([
    ['device.driver', '"device.driver": must evaluate to bool or the unknown type, not string'],
    [
      'device.name == "a"',
      '"device.name == \\"a\\"": compilation failed: ERROR: <input>:1:7: undefined field \'name\'\n | device.name == "a"\n | ......^',
    ],
    ['object == 1', "undeclared reference to 'object' (in container '')"],
    [nested, 'cel.expression: Forbidden: too complex, exceeds cost limit'],
    [`"${'x'.repeat(10_240)}" == ""`, 'cel.expression: Too long: may not be more than 10240 bytes'],
  ])('may not be %s', async (expression, message) => {
    expect(await refusalOf(kinds.create(deviceClass(expression)))).toContain(message)
  })

  it('are checked in claims and their templates', async () => {
    const message =
      'devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "1": must evaluate'
    const claim = `{ kind: ResourceClaim, metadata: { name: a }, spec: { ${devices('1')} } }`
    expect(await refusalOf(kinds.create(claim))).toContain(`spec.${message}`)
    const template = `{ kind: ResourceClaimTemplate, metadata: { name: a }, spec: { spec: { ${devices('1')} } } }`
    expect(await refusalOf(kinds.create(template))).toContain(`spec.spec.${message}`)
  })
})
