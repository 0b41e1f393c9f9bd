import type { Device, DeviceAttribute } from '../../api/generated/resource-v1.ts'
import { invalidFor, invalidValue, required, tooLong } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateQuantity } from '../core/pod/resources-validation.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { checkCIdentifier } from '../validation/formats.ts'
import { validateLength } from './item-validation.ts'

const maxTogether = 32
const maxId = 32
const maxDomain = 63
const maxValue = 64
const types = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const
const number = String.raw`(0|[1-9]\d*)`
const preRelease = String.raw`(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`
const build = '[0-9a-zA-Z-]+'
const semver = new RegExp(
  String.raw`^${number}\.${number}\.${number}(-${preRelease}(\.${preRelease})*)?(\+${build}(\.${build})*)?$`,
)

/** What a device is and has (upstream: validateDeviceAttribute, validateQualifiedName). */
export function validateAttributes(device: Device, path: string): FieldError[] {
  const attributes = Object.entries(device.attributes ?? {})
  const capacities = Object.entries(device.capacity ?? {})
  const count = attributes.length + capacities.length
  const why = `the total number of attributes and capacities must not exceed ${maxTogether}`
  return [
    ...(count > maxTogether ? [invalidValue(path, count, why)] : []),
    ...attributes.flatMap(([name, attribute]) => {
      const where = `${path}.attributes[${shortened(name)}]`
      return [...validateName(name, where), ...validateAttribute(attribute, where)]
    }),
    ...capacities.flatMap(([name, { value }]) => {
      const where = `${path}.capacity[${shortened(name)}]`
      return [...validateName(name, where), ...validateQuantity(value, `${where}.value`)]
    }),
  ]
}

/** A name that is too long is shown without its middle. */
function shortened(name: string): string {
  const max = maxDomain + 1 + maxId
  if (name.length <= max) return name
  const remaining = max - '...'.length
  return `${name.slice(0, Math.ceil(remaining / 2))}...${name.slice(-Math.floor(remaining / 2))}`
}

/** `name` or `domain/name`. More than one slash is let through, as upstream. */
function validateName(name: string, path: string): FieldError[] {
  const [first = '', second, ...more] = name.split('/')
  if (second === undefined) return validateIdentifier(first, path)
  if (more.length > 0) return []
  return [
    ...(first ? validateDriverName(first, path) : [invalidValue(path, '', 'the domain must not be empty')]),
    ...(second ? validateIdentifier(second, path) : [invalidValue(path, '', 'the name must not be empty')]),
  ]
}

function validateIdentifier(id: string, path: string): FieldError[] {
  const errors = id.length > maxId ? [tooLong(path, maxId)] : []
  return [...errors, ...invalidFor(path, id, checkCIdentifier(id))]
}

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (attribute.string !== undefined)
    errors.push(...validateLength(attribute.string, maxValue, `${path}.string`))
  if (attribute.version !== undefined) {
    const where = `${path}.version`
    const why = 'must be a string compatible with semver.org spec 2.0.0'
    const problems = semver.test(attribute.version) ? [] : [why]
    errors.push(
      ...invalidFor(where, attribute.version, problems),
      ...validateLength(attribute.version, maxValue, where),
    )
  }
  const given = types.filter((type) => attribute[type] !== undefined)
  if (given.length === 0) errors.push(required(path, 'exactly one value must be specified'))
  if (given.length > 1) errors.push(invalidValue(path, attribute, 'exactly one value must be specified'))
  return errors
}
