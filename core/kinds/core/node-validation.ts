import type { Node, Taint } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { checkCidr, parseCidr } from '../../util/cidr.ts'
import { duplicate, forbiddenField, invalidFor, invalidValue } from '../../api/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { validateAmount } from './pod/resources-validation.ts'
import { validateTaintEffect } from './pod/toleration-validation.ts'

/** What holds for a node at all times (upstream: pkg/apis/core/validation/validation.go ValidateNode). */
export function validateNode(node: Node): FieldError[] {
  return [...validateTaints(node), ...validateResources(node), ...validatePodCidrs(node.spec.podCIDRs ?? [])]
}

/** What keeps pods away, each by key and effect once. Upstream looks for it in the metadata. */
function validateTaints({ spec }: Node): FieldError[] {
  const seen = new Set<string>()
  return (spec.taints ?? []).flatMap(({ key = '', value = '', effect }: Partial<Taint>, at) => {
    const where = `metadata.taints[${at}]`
    const errors = invalidFor(`${where}.key`, key, checkQualifiedName(key))
    const problems = checkLabelValue(value)
    if (problems.length > 0) errors.push(invalidValue(`${where}.value`, value, problems.join(';')))
    errors.push(...validateTaintEffect(effect, `${where}.effect`))
    if (seen.has(`${key}:${effect}`)) {
      const shown = { Key: key, Value: value, Effect: effect ?? '', TimeAdded: null }
      errors.push(duplicate(where, shown, 'taints must be unique by key and effect pair'))
    }
    seen.add(`${key}:${effect}`)
    return errors
  })
}

function validateResources({ status }: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries(status?.[list] ?? {}).flatMap(([name, quantity]) =>
      validateAmount(name, quantity, `status.${list}.${name}`),
    ),
  )
}

/** One range of pods' addresses of each family at most. */
function validatePodCidrs(cidrs: string[]): FieldError[] {
  const errors = cidrs.flatMap((cidr, at) => invalidFor(`spec.podCIDRs[${at}]`, cidr, checkCidr(cidr)))
  if (cidrs.length < 2) return errors
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.width))
  if (families.size !== 2 || families.has(undefined) || cidrs.length > 2) {
    const why = 'may specify no more than one CIDR for each IP family'
    errors.push(invalidValue('spec.podCIDRs', cidrs, why))
  }
  return errors
}

/**
 * What may change in a node, also through its status (upstream: ValidateNodeUpdate). Taints and resources are judged once
 * more there, so that both calls together name their problems twice, as upstream's causes do.
 */
export function validateNodeUpdate(node: Node, { spec: old }: Node): FieldError[] {
  const { spec } = node
  const errors = [...validateResources(node), ...validateAddresses(node)]
  const [after, before] = [spec.podCIDRs ?? [], old.podCIDRs ?? []]
  const cidrs = forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  if (before.length > 0) {
    if (after.length !== before.length) errors.push(cidrs)
    else errors.push(...before.filter((cidr, at) => cidr !== after[at]).map(() => cidrs))
  }
  if (old.providerID && spec.providerID !== old.providerID) {
    const why = 'node updates may not change providerID except from "" to valid'
    errors.push(forbiddenField('spec.providerID', why))
  }
  errors.push(...validateTaints(node))
  if ((spec.externalID ?? '') !== (old.externalID ?? '')) {
    errors.push(forbiddenField('spec.externalID', 'may not be updated'))
  }
  return errors
}

function validateAddresses({ status }: Node): FieldError[] {
  const seen = new Set<string>()
  return (status?.addresses ?? []).flatMap(({ type, address }, at) => {
    const place = `${type} ${address}`
    const isRepeated = seen.has(place)
    seen.add(place)
    return isRepeated ? [duplicate(`status.addresses[${at}]`, { Type: type, Address: address })] : []
  })
}
