import { isIPv6 } from 'node:net'
import type { Service } from '../api/generated/core-v1.ts'
import type { FieldError } from '../api/status.ts'
import { invalidValue } from '../api/field-errors.ts'

/** The only family of this cluster's Services. */
const ownFamily = 'IPv4'

/**
 * Gives a Service its families and their policy, and says what it asks for that this cluster does not have (upstream:
 * pkg/registry/core/service/storage/alloc.go initIPFamilyFields). A headless Service without selector may list endpoints
 * of families that the cluster does not have.
 */
export function initIpFamilies(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service
  if (isPreferredAsBefore(service, old)) return []
  const listsAny = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (listsAny ? 'RequireDualStack' : 'SingleStack')
  const errors = [...(old ? release(spec, old.spec) : []), ...checkNumbers(spec), ...inferFamilies(spec)]
  if (errors.length > 0) return errors
  if (listsAny) {
    spec.ipFamilies = spec.ipFamilies?.length ? spec.ipFamilies : [ownFamily]
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') {
      spec.ipFamilies = [...spec.ipFamilies, spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4']
    }
    return []
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    errors.push(ofPolicy(spec, 'this cluster is not configured for dual-stack services'))
  }
  for (const [at, family] of (spec.ipFamilies ?? []).entries()) {
    if (family === ownFamily) continue
    errors.push(invalidValue(`spec.ipFamilies[${at}]`, family, 'not configured on this cluster'))
  }
  if (errors.length === 0 && !spec.ipFamilies?.length) spec.ipFamilies = [ownFamily]
  return errors
}

type Spec = Service['spec']

/** Whether a Service that takes what families there are is as it was: then nothing of it is looked at. */
export function isPreferredAsBefore({ spec }: Service, old: Service | undefined): boolean {
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    old?.spec.ipFamilyPolicy === 'PreferDualStack' &&
    isSame(spec.clusterIPs, old.spec.clusterIPs) &&
    isSame(spec.ipFamilies, old.spec.ipFamilies)
  )
}

function ofPolicy({ ipFamilyPolicy }: Spec, why: string): FieldError {
  return invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, why)
}

function isSame(a: string[] | undefined, b: string[] | undefined): boolean {
  return JSON.stringify(a ?? []) === JSON.stringify(b ?? [])
}

/** Who asks for a single stack gives up the second address and family; nobody else may leave them out. */
function release(spec: Spec, old: Spec): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (isSame(spec.clusterIPs, old.clusterIPs) && spec.clusterIPs)
      spec.clusterIPs = spec.clusterIPs.slice(0, 1)
    if (isSame(spec.ipFamilies, old.ipFamilies) && spec.ipFamilies)
      spec.ipFamilies = spec.ipFamilies.slice(0, 1)
    return []
  }
  const isReduced = (now: string[] | undefined, before: string[] | undefined): boolean =>
    !!now?.length && now.length < (before?.length ?? 0)
  const errors: FieldError[] = []
  if (isReduced(spec.clusterIPs, old.clusterIPs)) {
    errors.push(ofPolicy(spec, "must be 'SingleStack' to release the secondary cluster IP"))
  }
  if (isReduced(spec.ipFamilies, old.ipFamilies)) {
    errors.push(ofPolicy(spec, "must be 'SingleStack' to release the secondary IP family"))
  }
  return errors
}

function checkNumbers(spec: Spec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return []
  const refuse = (what: string): FieldError =>
    ofPolicy(spec, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`)
  return [
    ...(spec.clusterIPs?.length === 2 ? [refuse('cluster IPs')] : []),
    ...(spec.ipFamilies?.length === 2 ? [refuse('IP families')] : []),
  ]
}

/** Addresses that are given say which families are meant. */
function inferFamilies(spec: Spec): FieldError[] {
  const errors: FieldError[] = []
  for (const [at, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') break
    if (at < (spec.ipFamilies?.length ?? 0)) continue
    if (isIPv6(ip)) {
      errors.push(
        invalidValue(`spec.clusterIPs[${at}]`, spec.clusterIPs, 'IPv6 is not configured on this cluster'),
      )
    } else spec.ipFamilies = [...(spec.ipFamilies ?? []), ownFamily]
  }
  return errors
}
