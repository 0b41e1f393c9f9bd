import type { Container, PodSpec, WindowsSecurityContextOptions } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue } from '../../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../../validation/formats.ts'

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const
const maxSpecKiB = 64
const maxDomainLength = 256
const maxUserLength = 104
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsDomain = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)

/** What only Windows understands (upstream: validation.go validateWindowsSecurityContextOptions). */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName } = options ?? {}
  const errors: FieldError[] = []
  if (name !== undefined) {
    errors.push(...invalidFor(`${path}.gmsaCredentialSpecName`, name, checkDns1123Subdomain(name)))
  }
  const where = `${path}.gmsaCredentialSpec`
  if (spec === '') errors.push(invalidValue(where, spec, 'gmsaCredentialSpec cannot be an empty string'))
  else if (Buffer.byteLength(spec ?? '') > maxSpecKiB * 1024) {
    errors.push(invalidValue(where, spec, `gmsaCredentialSpec size must be under ${maxSpecKiB} KiB`))
  }
  if (runAsUserName === undefined) return errors
  const problems = problemsOfUser(runAsUserName).map((problem) => `runAsUserName${problem}`)
  return [...errors, ...invalidFor(`${path}.runAsUserName`, runAsUserName, problems)]
}

function problemsOfUser(text: string): string[] {
  if (text === '') return [' cannot be an empty string']
  if (/\p{Cc}/u.test(text)) return [' cannot contain control characters']
  const parts = text.split('\\')
  if (parts.length > 2) return [' cannot contain more than one backslash']
  const user = parts.at(-1)!
  const domain = parts.length === 2 ? parts[0]! : undefined
  const problems: string[] = []
  if ((domain ?? '').length >= maxDomainLength) {
    problems.push(`'s Domain length must be under ${maxDomainLength} characters`)
  }
  if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)) {
    problems.push("'s Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') problems.push("'s User cannot be empty")
  else if (user.length > maxUserLength) {
    problems.push(`'s User length must not be longer than ${maxUserLength} characters`)
  }
  if (/^[. ]+$/.test(user)) problems.push("'s User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
  return problems
}

/** Every container of a spec with its path, init containers first (upstream: podshelper.VisitContainersWithPath). */
export function containersOf(spec: PodSpec, path: string): { container: Container; path: string }[] {
  const found: { container: Container; path: string }[] = []
  for (const list of containerLists) {
    spec[list]?.forEach((container, at) => found.push({ container, path: `${path}.${list}[${at}]` }))
  }
  return found
}

/** Containers that are processes of the node: all or none (upstream: validateWindowsHostProcessPod). */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const errors: FieldError[] = []
  const all = containersOf(spec, path)
  let count = 0
  for (const { container, path: where } of all) {
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(invalidValue(`${where}.securityContext.windowsOptions.hostProcess`, own, why))
    }
    if (own ?? ofPod) count++
  }
  if (count === 0) return errors
  if (count !== all.length) {
    const why =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalidValue(path, '', why))
  }
  if (!spec.hostNetwork) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(invalidValue(`${path}.hostNetwork`, false, why))
  }
  return errors
}
