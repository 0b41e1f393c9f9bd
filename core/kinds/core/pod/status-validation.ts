import type { ContainerStatus, Pod, PodSpec } from '../../../api/generated/core-v1.ts'
import { ipFamily } from '../../validation/ip-address.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, forbiddenField, immutable, invalidFor, invalidValue } from '../../../api/field-errors.ts'
import { checkDns1123Subdomain, checkQualifiedName } from '../../validation/formats.ts'
import { checkIp } from '../../validation/ip-address.ts'
import { validateAllocatedStatuses } from './allocated-status-validation.ts'
import { validateAnnotationUpdate } from './annotation-validation.ts'
import { validateId } from './security-validation.ts'
import { canRestartAll } from '../../../api/restart-rules.ts'
import { validateExtendedClaim } from './extended-claim-validation.ts'

const systemConditions = ['PodScheduled', 'Ready', 'Initialized']
const notNegative = 'must be a non-negative integer'

/** What a write to a pod's status may say (upstream: validation.go ValidatePodStatusUpdate). */
export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const { status = {} } = pod
  const { status: before = {} } = old
  const errors = validateAnnotationUpdate(pod.metadata, old.metadata, 'metadata.annotations')
  for (const [at, { type = '', observedGeneration }] of (status.conditions ?? []).entries()) {
    if ((observedGeneration ?? 0) < 0)
      errors.push(
        invalidValue(`status.conditions[${at}].observedGeneration`, observedGeneration, notNegative),
      )
    if (systemConditions.includes(type)) continue
    errors.push(...invalidFor(`status.conditions[${at}].Type`, type, checkQualifiedName(type)))
  }
  const nominated = status.nominatedNodeName
  if (nominated && nominated !== before.nominatedNodeName) {
    errors.push(...invalidFor('status.nominatedNodeName', nominated, checkDns1123Subdomain(nominated)))
    if (old.spec.nodeName) {
      const why = 'may not be set on pods that are already bound to a node'
      errors.push(forbiddenField('status.nominatedNodeName', why))
    }
  }
  if ((status.observedGeneration ?? 0) < 0)
    errors.push(invalidValue('status.observedGeneration', status.observedGeneration, notNegative))
  if ((status.qosClass ?? '') !== (before.qosClass ?? '')) {
    errors.push(immutable('status.qosClass', status.qosClass ?? ''))
  }
  return [
    ...errors,
    ...validateTransitions(pod, old),
    ...validateClaimStatuses(pod),
    ...validateExtendedClaim(pod),
    ...validateAddresses(
      (status.podIPs ?? []).map(({ ip = '' }) => ip),
      'status.podIPs',
    ),
    ...validateHostAddresses(pod),
    ...(['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap(
      (list) => validateUsers(status[list], pod.spec, `status.${list}`),
    ),
    ...validateAllocatedStatuses(pod),
  ]
}

/** A container that has ended for good stays ended. */
function validateTransitions({ status }: Pod, { spec, status: before }: Pod): FieldError[] {
  if (canRestartAll(spec)) return []
  return (['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap(
    (list) =>
      (before?.[list] ?? []).flatMap(({ name, state }, at) => {
        const ended = state?.terminated
        if (!ended) return []
        if (list !== 'ephemeralContainerStatuses' && mayRunAgain(spec, name, ended.exitCode)) return []
        const next = status?.[list]?.find((one) => one.name === name)
        if (!next || next.state?.terminated) return []
        const why = 'may not be transitioned to non-terminated state'
        return [forbiddenField(`status.${list}[${at}].state`, why)]
      }),
  )
}

/** By the container's own policy and rules where it has them, else by the pod's. */
function mayRunAgain(spec: PodSpec, name: string, exitCode: number): boolean {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const container = all.find((candidate) => candidate.name === name)
  if (container?.restartPolicyRules?.length) return true
  const policy = container?.restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** Claims that were made for a pod, by the names it has for them (upstream: validatePodResourceClaimStatuses). */
function validateClaimStatuses({ spec, status }: Pod): FieldError[] {
  const known = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const seen = new Set<string>()
  return (status?.resourceClaimStatuses ?? []).flatMap(({ name, resourceClaimName }, at) => {
    const where = `status.resourceClaimStatuses[${at}].name`
    const errors: FieldError[] = []
    if (!known.has(name)) {
      errors.push(invalidValue(where, name, 'must match the name of an entry in `spec.resourceClaims`'))
    }
    if (seen.has(name)) errors.push(duplicate(where, name))
    seen.add(name)
    if (resourceClaimName === undefined) return errors
    return [...errors, ...invalidFor(where, resourceClaimName, checkDns1123Subdomain(resourceClaimName))]
  })
}

function validateHostAddresses({ status }: Pod): FieldError[] {
  const ips = (status?.hostIPs ?? []).map(({ ip = '' }) => ip)
  if (ips.length === 0) return []
  const errors =
    (status?.hostIP ?? '') === ips[0]
      ? []
      : [invalidValue('status.hostIPs[0].ip', ips[0], 'must be equal to `hostIP`')]
  return [...errors, ...validateAddresses(ips, 'status.hostIPs')]
}

/** One address of each family at most. */
function validateAddresses(ips: string[], path: string): FieldError[] {
  const errors = ips.flatMap((ip, at) => invalidFor(`${path}[${at}]`, ip, checkIp(ip)))
  if (ips.length < 2) return errors
  const families = new Set(ips.map((ip) => ipFamily(ip)))
  if (families.size !== 2 || ips.length > 2) {
    errors.push(
      invalidValue(
        path,
        ips.map((ip) => ({ IP: ip })),
        'may specify no more than one IP for each IP family',
      ),
    )
  }
  return errors
}

/** As whom a container runs (upstream: validateContainerStatusUsers). */
function validateUsers(statuses: ContainerStatus[] | undefined, spec: PodSpec, path: string): FieldError[] {
  return (statuses ?? []).flatMap(({ user }, at) => {
    const where = `${path}[${at}].user.linux`
    const { linux } = user ?? {}
    if (!linux) return []
    if (spec.os?.name === 'windows') return [forbiddenField(where, 'cannot be set for a windows pod')]
    return [
      ...validateId(linux.uid, `${where}.uid`),
      ...validateId(linux.gid, `${where}.gid`),
      ...(linux.supplementalGroups ?? []).flatMap((group, index) =>
        validateId(group, `${where}.supplementalGroups[${index}]`),
      ),
    ]
  })
}
