import type { PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, required } from '../../../api/field-errors.ts'

const maxLength = 253
const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const form = `^(${segment}[\\./])*${segment}$`
const wellFormed = new RegExp(form)

/** Kernel parameters of a pod (upstream: validation.go validateSysctls). */
export function validateSysctls(spec: PodSpec, path: string): FieldError[] {
  const names = new Set<string>()
  return (spec.securityContext?.sysctls ?? []).flatMap(({ name = '' }, at) => {
    const where = `${path}[${at}].name`
    const errors: FieldError[] = []
    if (name === '') errors.push(required(where))
    else if (name.length > maxLength || !wellFormed.test(name)) {
      errors.push(
        invalidValue(where, name, `must have at most ${maxLength} characters and match regex ${form}`),
      )
    } else if (names.has(name)) errors.push(duplicate(where, name))
    names.add(name)
    const host = hostNamespaceOf(spec, name)
    if (host) errors.push(invalidValue(where, name, `may not be specified when '${host}' is true`))
    return errors
  })
}

/** The host namespace that the pod shares and that the parameter would change for the whole node. */
function hostNamespaceOf(spec: PodSpec, sysctl: string): 'hostNetwork' | 'hostIPC' | undefined {
  const name = dotted(sysctl)
  if (spec.hostNetwork && name.startsWith('net.')) return 'hostNetwork'
  if (spec.hostIPC && /^(kernel\.sem$|kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name)) return 'hostIPC'
  return undefined
}

/** The name with dots between its parts, whichever separator comes first in it (sysctl.d(5)). */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}
