import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
} from '../../api/generated/resource-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { typeText } from '../../cel/cel-type.ts'
import { compileExpression } from '../../cel/compile.ts'
import { deviceEnvironment } from '../../cel/device-environment.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../api/field-errors.ts'
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkQualifiedName,
} from '../validation/formats.ts'
import { requestNames, validateReferences } from './claim-references.ts'
import { validateConfiguration } from './device-configuration.ts'

const maxItems = 32
const maxSubRequests = 8
const maxExpressionLength = 10 * 1024
const maxExpressionCost = 1_000_000
const modes = ['All', 'ExactCount']
const oneOf = 'exactly one of `exactly` or `firstAvailable` is required'

/** Defaults of what a claim asks for (upstream: pkg/apis/resource/v1/defaults.go). */
export function defaultDeviceClaim(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable = [] } of claim?.requests ?? []) {
    for (const request of exactly ? [exactly, ...firstAvailable] : firstAvailable) {
      request.allocationMode ||= 'ExactCount'
      if (request.allocationMode === 'ExactCount') request.count ||= 1
      for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal'
    }
  }
}

/** What a claim asks for (upstream: pkg/apis/resource/validation validateDeviceClaim). */
export function validateDeviceClaim(claim: DeviceClaim | undefined, path: string): FieldError[] {
  const { requests = [], constraints = [], config = [] } = claim ?? {}
  const names = requestNames(requests)
  return [
    ...validateNamed(requests, maxItems, `${path}.requests`),
    ...requests.flatMap((request, at) => validateRequest(request, `${path}.requests[${at}]`)),
    ...validateCount(constraints, maxItems, `${path}.constraints`),
    ...constraints.flatMap((one, at) => validateConstraint(one, names, `${path}.constraints[${at}]`)),
    ...validateCount(config, maxItems, `${path}.config`),
    ...config.flatMap((one, at) => {
      const where = `${path}.config[${at}]`
      return [
        ...validateReferences(one.requests ?? [], names, `${where}.requests`),
        ...validateConfiguration(one, where),
      ]
    }),
  ]
}

function validateCount(items: unknown[], max: number, path: string): FieldError[] {
  return items.length > max ? [tooMany(path, items.length, max)] : []
}

function validateNamed(items: { name: string }[], max: number, path: string): FieldError[] {
  const names = new Set<string>()
  const errors = validateCount(items, max, path)
  for (const [at, { name }] of items.entries()) {
    const where = `${path}[${at}]`
    errors.push(
      ...(name ? invalidFor(`${where}.name`, name, checkDns1123Label(name)) : [required(`${where}.name`)]),
    )
    if (names.has(name)) errors.push(duplicate(where, name))
    names.add(name)
  }
  return errors
}

function validateRequest({ exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  if (!exactly && firstAvailable.length === 0) return [required(path, oneOf)]
  if (exactly && firstAvailable.length > 0) {
    return [invalidValue(path, null, `${oneOf}, but multiple fields are set`)]
  }
  if (exactly) return validateExact(exactly, `${path}.exactly`)
  const where = `${path}.firstAvailable`
  return [
    ...validateNamed(firstAvailable, maxSubRequests, where),
    ...firstAvailable.flatMap((one, at) => validateExact(one, `${where}[${at}]`)),
  ]
}

function validateExact(request: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] {
  const {
    deviceClassName: name,
    allocationMode: mode = '',
    count = 0,
    selectors = [],
    tolerations = [],
  } = request
  const errors = name
    ? invalidFor(`${path}.deviceClassName`, name, checkDns1123Subdomain(name))
    : [required(`${path}.deviceClassName`)]
  errors.push(...validateSelectors(selectors, `${path}.selectors`))
  if (mode === 'All' && count !== 0) {
    errors.push(invalidValue(`${path}.count`, count, "must not be specified when allocationMode is 'All'"))
  } else if (mode === 'ExactCount' && count <= 0) {
    errors.push(invalidValue(`${path}.count`, count, 'must be greater than zero'))
  } else if (!modes.includes(mode)) errors.push(notSupported(`${path}.allocationMode`, mode, modes))
  return [
    ...errors,
    ...tolerations.flatMap((one, at) => validateToleration(one, `${path}.tolerations[${at}]`)),
  ]
}

/** Conditions on devices. */
export function validateSelectors(selectors: DeviceSelector[], path: string): FieldError[] {
  return [
    ...validateCount(selectors, maxItems, path),
    ...selectors.flatMap(({ cel }, at) => {
      if (!cel) return [required(`${path}[${at}].cel`)]
      const where = `${path}[${at}].cel.expression`
      return cel.expression ? validateSelector(cel.expression, where) : [required(where)]
    }),
  ]
}

/** A condition on `device`: one that yields a boolean at a bounded cost (upstream: validateCELSelector). */
function validateSelector(expression: string, path: string): FieldError[] {
  if (Buffer.byteLength(expression) > maxExpressionLength) return [tooLong(path, maxExpressionLength)]
  const { program, issues } = compileExpression(expression, deviceEnvironment)
  if (!program) return [invalidValue(path, expression, `compilation failed: ${issues}`)]
  const { outputType } = program
  if (outputType.kind !== 'bool' && outputType.kind !== 'dyn') {
    const why = `must evaluate to bool or the unknown type, not ${typeText(outputType)}`
    return [invalidValue(path, expression, why)]
  }
  const isCheap = program.estimateCost().max <= maxExpressionCost
  return isCheap ? [] : [forbiddenField(path, 'too complex, exceeds cost limit')]
}

function validateToleration({ key, operator, value, effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? invalidFor(`${path}.key`, key, checkQualifiedName(key)) : []
  if (!key && operator !== 'Exists') {
    errors.push(invalidValue(`${path}.key`, key ?? '', "must not be empty when `operator` is 'Equal'"))
  }
  if (operator === 'Exists' && value) {
    errors.push(invalidValue(`${path}.value`, value, 'must be empty for operator `Exists`'))
  } else if (operator === 'Equal' && value) {
    errors.push(...invalidFor(`${path}.value`, value, checkLabelValue(value)))
  } else if (operator !== 'Equal' && operator !== 'Exists') {
    errors.push(notSupported(`${path}.operator`, operator ?? '', ['Equal', 'Exists']))
  }
  const effects = ['NoExecute', 'NoSchedule', 'None']
  if (effect && !effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects))
  return errors
}

function validateConstraint(constraint: DeviceConstraint, names: Set<string>, path: string): FieldError[] {
  const { requests = [], matchAttribute, distinctAttribute } = constraint
  const errors = validateReferences(requests, names, `${path}.requests`)
  const field = matchAttribute === undefined ? 'distinctAttribute' : 'matchAttribute'
  const attribute = constraint[field]
  if (attribute === undefined || (matchAttribute !== undefined && distinctAttribute !== undefined)) {
    const why =
      'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
    return [...errors, required(path, why)]
  }
  if (!attribute) return [...errors, required(`${path}.${field}`)]
  if (attribute.includes('/')) return errors
  return [...errors, invalidValue(`${path}.${field}`, attribute, 'must include a domain')]
}
