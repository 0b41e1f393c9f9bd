import type { Device, DeviceAttribute, DeviceConstraint } from '../../api/generated/resource-v1.ts'
import type { PooledDevice } from './device-pools.ts'

/** The devices that a constraint of a claim has seen; once it says no, more devices do not change its mind. */
export interface ConstraintState {
  /** False, and nothing changed, when the device must not be added. The request is named with its parent: `a/b`. */
  add(request: string, device: PooledDevice): boolean
  /** Takes back what was added last. */
  remove(request: string, device: PooledDevice): void
}

/** An attribute by its full name; a driver may leave its own domain out. */
function attributeOf({ attributes = {} }: Device, driver: string, name: string): DeviceAttribute | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name]
  const [domain, id = ''] = name.split('/')
  return domain === driver && Object.hasOwn(attributes, id) ? attributes[id] : undefined
}

/** A scalar value with its type; undefined for lists, which cannot be compared. */
function valueText(attribute: DeviceAttribute | undefined): string | undefined {
  const [[type, value] = []] = Object.entries(attribute ?? {})
  return value === undefined || Array.isArray(value) ? undefined : `${type}:${String(value)}`
}

/** All devices share the attribute's value, or all have different ones (upstream: structured constraints). */
export function startConstraint(constraint: DeviceConstraint): ConstraintState {
  const { requests = [], matchAttribute, distinctAttribute } = constraint
  const name = matchAttribute ?? distinctAttribute ?? ''
  const seen: string[] = []
  const applies = (request: string): boolean =>
    requests.length === 0 || requests.includes(request) || requests.includes(request.split('/')[0] ?? '')
  return {
    add(request, { device, slice }) {
      if (!applies(request)) return true
      const value = valueText(attributeOf(device, slice.spec.driver, name))
      if (value === undefined) return false
      const fits = matchAttribute === undefined ? !seen.includes(value) : (seen[0] ?? value) === value
      if (fits) seen.push(value)
      return fits
    },
    remove(request) {
      if (applies(request)) seen.pop()
    },
  }
}
