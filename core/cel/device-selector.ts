import type { Device, DeviceAttribute } from '../api/generated/resource-v1.ts'
import { compileExpression } from './compile.ts'
import { deviceEnvironment } from './device-environment.ts'
import { parseQuantity } from './library/quantity.ts'
import { parseSemver } from './library/semver.ts'
import { CelError, CelMap } from './values/value.ts'
import type { CelValue } from './values/value.ts'
import { toCelValue } from './values/json-values.ts'
import { dynType } from './cel-type.ts'

/** Whether a device of a driver is meant. Throws with upstream's text when the expression fails on it. */
export type DeviceSelectorProgram = (driver: string, device: Device) => boolean

/** Values by name; what is not there may have a default. */
class NamedValues extends CelMap {
  readonly typeName: string
  readonly #values: ReadonlyMap<string, CelValue>
  readonly #otherwise: CelValue | undefined
  constructor(typeName: string, values: ReadonlyMap<string, CelValue>, otherwise?: CelValue) {
    super()
    this.typeName = typeName
    this.#values = values
    this.#otherwise = otherwise
  }
  get size(): number {
    return this.#values.size
  }
  get(key: CelValue): CelValue | undefined {
    return (typeof key === 'string' ? this.#values.get(key) : undefined) ?? this.#otherwise
  }
  has(key: CelValue): boolean {
    return typeof key === 'string' && this.#values.has(key)
  }
  keys(): CelValue[] {
    return [...this.#values.keys()]
  }
}

const emptyMap = new NamedValues('map', new Map())

function attributeValue(name: string, attribute: DeviceAttribute): CelValue {
  const { version, versions, ...plain } = attribute
  if (version !== undefined) return parseSemver(version)
  if (versions) return new CelError(`attribute ${name}: unsupported attribute value`)
  const [value] = Object.values(plain)
  if (value === undefined || Array.isArray(value)) {
    return new CelError(`attribute ${name}: unsupported attribute value`)
  }
  return toCelValue(value, dynType)
}

/** Names without a domain are the driver's own; an unknown domain has nothing in it. */
function byDomain(values: Iterable<[string, CelValue]>, driver: string): CelMap {
  const domains = new Map<string, Map<string, CelValue>>()
  for (const [name, value] of values) {
    const slash = name.indexOf('/')
    const domain = slash < 0 ? driver : name.slice(0, slash)
    const known = domains.get(domain) ?? new Map<string, CelValue>()
    domains.set(domain, known.set(name.slice(slash + 1), value))
  }
  const maps = new Map([...domains].map(([domain, own]) => [domain, new NamedValues('map', own)]))
  return new NamedValues('map', maps, emptyMap)
}

function deviceValue(driver: string, device: Device): CelMap {
  const attributes = Object.entries(device.attributes ?? {}).map(([name, attribute]): [string, CelValue] => [
    name,
    attributeValue(name, attribute),
  ])
  const capacity = Object.entries(device.capacity ?? {}).map(([name, { value }]): [string, CelValue] => [
    name,
    parseQuantity(value),
  ])
  return new NamedValues(
    'kubernetes.DRADevice',
    new Map<string, CelValue>([
      ['driver', driver],
      ['allowMultipleAllocations', device.allowMultipleAllocations ?? false],
      ['attributes', byDomain(attributes, driver)],
      ['capacity', byDomain(capacity, driver)],
    ]),
  )
}

/** Compiles a condition on devices (upstream: dynamic-resource-allocation/cel). Throws when it is none. */
export function compileDeviceSelector(expression: string): DeviceSelectorProgram {
  const { program, issues } = compileExpression(expression, deviceEnvironment)
  if (!program) throw new Error(`CEL compile error: compilation failed: ${issues}`)
  return (driver, device) => {
    const outcome = program.evaluate({ device: deviceValue(driver, device) })
    if ('error' in outcome) throw new Error(`CEL runtime error: ${outcome.error}`)
    if (typeof outcome.value !== 'boolean') {
      throw new Error('CEL runtime error: CEL result could not be converted to bool')
    }
    return outcome.value
  }
}
