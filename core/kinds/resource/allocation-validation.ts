import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from '../../api/generated/resource-v1.ts'
import { invalidFor, notSupported, required } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNodeSelector } from '../core/pod/node-selector-validation.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateBindingConditions } from './binding-conditions.ts'
import { validateReference, validateReferences } from './claim-references.ts'
import { validateConfiguration } from './device-configuration.ts'
import { validateItems } from './item-validation.ts'
import { validatePoolName } from './pool-name.ts'
import { validateShareId } from './share-id.ts'

const maxResults = 32
/** Those of the class and of the claim. */
const maxConfigs = 64
const sources = ['FromClaim', 'FromClass']

/** Which devices a claim got: checked when it gets them, as they do not change (upstream: validateAllocationResult). */
export function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: Set<string>,
  path: string,
): FieldError[] {
  const { results = [], config = [] } = devices ?? {}
  return [
    ...validateItems(results, `${path}.devices.results`, {
      max: maxResults,
      validate: (result, where) => validateResult(result, names, where),
    }),
    ...validateItems(config, `${path}.devices.config`, {
      max: maxConfigs,
      validate: (one, where) => validateSourced(one, names, where),
    }),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ]
}

function validateResult(
  result: DeviceRequestAllocationResult,
  names: Set<string>,
  path: string,
): FieldError[] {
  const { request = '', driver, pool, device = '', shareID } = result
  return [
    ...validateReference(request, names, `${path}.request`),
    ...validateDriverName(driver, `${path}.driver`),
    ...validatePoolName(pool, `${path}.pool`),
    ...invalidFor(`${path}.device`, device, checkDns1123Label(device)),
    ...validateBindingConditions(result, path),
    ...validateShareId(shareID, `${path}.shareID`),
  ]
}

function validateSourced(
  config: DeviceAllocationConfiguration,
  names: Set<string>,
  path: string,
): FieldError[] {
  const { source, requests = [] } = config
  const errors: FieldError[] = []
  if (!source) errors.push(required(`${path}.source`))
  else if (!sources.includes(source)) errors.push(notSupported(`${path}.source`, source, sources))
  return [
    ...errors,
    ...validateReferences(requests, names, `${path}.requests`),
    ...validateConfiguration(config, path),
  ]
}
