import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../../api/field-errors.ts'
import { checkPortName, checkPortNumber } from '../../validation/formats.ts'
import type { SpecContext } from './spec-context.ts'

const headerName = /^[-A-Za-z0-9]+$/

/** A port given by number or by name (upstream: ValidatePortNumOrName). */
export function validatePortNumberOrName(port: number | string | undefined, path: string): FieldError[] {
  if (typeof port === 'string') return invalidFor(path, port, checkPortName(port))
  return invalidFor(path, port ?? 0, checkPortNumber(port ?? 0))
}

/** A number that must not be negative. */
export function validateNonNegative(value: number | undefined, path: string): FieldError[] {
  return (value ?? 0) < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : []
}

/** Any probe (upstream: pkg/apis/core/validation/validation.go validateProbe). */
function validateProbe(probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return []
  const errors = validateHandler(probe, path)
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...validateNonNegative(probe[name], `${path}.${name}`))
  }
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  }
  return errors
}

/** A liveness or startup probe, of which one success must be enough. */
export function validateLivenessProbe(probe: Probe | undefined, path: string): FieldError[] {
  const errors = validateProbe(probe, path)
  if (probe && (probe.successThreshold ?? 1) !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  return errors
}

/** A readiness probe, which never ends a container. */
export function validateReadinessProbe(probe: Probe | undefined, path: string): FieldError[] {
  const errors = validateProbe(probe, path)
  const grace = probe?.terminationGracePeriodSeconds
  if (grace !== undefined) {
    errors.push(
      invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'),
    )
  }
  return errors
}

/** What to do after a container's start and before its end. */
export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  { gracePeriodSeconds }: Pick<SpecContext, 'gracePeriodSeconds'>,
  path: string,
): FieldError[] {
  return (['postStart', 'preStop'] as const).flatMap((name) => {
    const handler = lifecycle?.[name]
    return handler ? validateHandler(handler, `${path}.${name}`, gracePeriodSeconds) : []
  })
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>

function validateHandler(handler: Handler, path: string, gracePeriodSeconds?: number): FieldError[] {
  const given = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((name) => handler[name])
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  return given.flatMap((name, at) => {
    const where = `${path}.${name}`
    if (at > 0) return [forbiddenField(where, 'may not specify more than 1 handler type')]
    switch (name) {
      case 'exec':
        return handler.exec?.command?.length ? [] : [required(`${where}.command`)]
      case 'httpGet':
        return validateHttpGet(handler.httpGet!, where)
      case 'tcpSocket':
        return validatePortNumberOrName(handler.tcpSocket?.port, `${where}.port`)
      case 'grpc':
        return validatePortNumberOrName(handler.grpc?.port, `${where}.port`)
      case 'sleep':
        return validateSleep(handler.sleep?.seconds ?? 0, gracePeriodSeconds, where)
    }
  })
}

/** A container may not sleep longer than it is given to end. */
function validateSleep(seconds: number, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  if (gracePeriodSeconds === undefined || (seconds >= 0 && seconds <= gracePeriodSeconds)) return []
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`
  return [invalidValue(path, seconds, why)]
}

function validateHttpGet(get: HTTPGetAction, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!get.path) errors.push(required(`${path}.path`))
  errors.push(...validatePortNumberOrName(get.port, `${path}.port`))
  if (get.scheme !== 'HTTP' && get.scheme !== 'HTTPS') {
    errors.push(notSupported(`${path}.scheme`, get.scheme ?? '', ['HTTP', 'HTTPS']))
  }
  for (const { name } of get.httpHeaders ?? []) {
    if (!headerName.test(name ?? '')) {
      errors.push(
        invalidValue(
          `${path}.httpHeaders`,
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      )
    }
  }
  return errors
}
