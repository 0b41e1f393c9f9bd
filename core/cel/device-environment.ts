import { boolType, dynType, libraryTypes, mapOf, objectType, stringType } from './cel-type.ts'
import type { CelType } from './cel-type.ts'
import { createEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'

const maxDomainLength = 63
const maxIdLength = 32
const maxDriverLength = 63
const maxValueLength = 64
/** How many attributes and capacities a device may have together. */
const maxItems = 32

const text = (maxElements: number): CelType => ({ ...stringType, maxElements })

/** By domain, then by name in the domain. */
function byQualifiedName(value: CelType): CelType {
  const bounds = { maxElements: maxItems }
  return mapOf(text(maxDomainLength), mapOf(text(maxIdLength), value, bounds), bounds)
}

/** What selectors of devices may read: `device` (upstream: dynamic-resource-allocation/cel/compile.go). */
export const deviceEnvironment: Environment = createEnvironment({
  variables: {
    device: objectType('kubernetes.DRADevice', {
      driver: text(maxDriverLength),
      allowMultipleAllocations: { ...boolType, maxElements: 1 },
      attributes: byQualifiedName({ ...dynType, maxElements: maxValueLength }),
      capacity: byQualifiedName(libraryTypes.Quantity),
    }),
  },
})
