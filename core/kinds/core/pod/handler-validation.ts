import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import { checkPortName, checkPortNumber } from '../../validation/formats.ts'

const headerName = /^[-A-Za-z0-9]+$/

/** A port given by number or by name. */
function validatePort(port: number | string | undefined, path: string): FieldError[] {
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
export function validateLifecycle(lifecycle: Lifecycle | undefined, path: string): FieldError[] {
  return [
    ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, `${path}.postStart`) : []),
    ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, `${path}.preStop`) : []),
  ]
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>

function validateHandler(handler: Handler, path: string): FieldError[] {
  const given = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((name) => handler[name])
  const errors = given
    .slice(1)
    .map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type'))
  switch (given[0]) {
    case undefined:
      errors.push(required(path, 'must specify a handler type'))
      break
    case 'exec':
      if (!handler.exec?.command?.length) errors.push(required(`${path}.exec.command`))
      break
    case 'httpGet':
      errors.push(...validateHttpGet(handler.httpGet!, `${path}.httpGet`))
      break
    case 'tcpSocket':
      errors.push(...validatePort(handler.tcpSocket?.port, `${path}.tcpSocket.port`))
      break
    case 'grpc':
      errors.push(...validatePort(handler.grpc?.port, `${path}.grpc.port`))
      break
    case 'sleep':
      errors.push(...validateNonNegative(handler.sleep?.seconds, `${path}.sleep.seconds`))
      break
  }
  return errors
}

function validateHttpGet(get: HTTPGetAction, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!get.path) errors.push(required(`${path}.path`))
  errors.push(...validatePort(get.port, `${path}.port`))
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
