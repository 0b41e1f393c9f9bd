import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { addAmounts, formatAmounts, growthOf, pickAmounts, type Amounts } from '../../api/quota/amounts.ts'
import { evaluatorFor, quotaMatches } from '../../api/quota/evaluator.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { admissionForbidden } from '../admission-forbidden.ts'

/**
 * The quotas as they are once a write is charged to them; those that do not change are the same objects. Throws 403
 * for the first that the write would exceed, that asks for more than the object says, or whose usage is not known yet
 * (upstream: apiserver/pkg/admission/plugin/resourcequota CheckRequest).
 */
export function chargeQuotas(
  quotas: ResourceQuota[],
  attributes: AdmissionAttributes,
  now: number,
): ResourceQuota[] {
  const { object, oldObject, subresource } = attributes
  if (!object) return quotas
  const evaluator = evaluatorFor(attributes.resource)
  const concerned = quotas.filter((quota) => concerns(quota, attributes))
  if (concerned.length === 0) return quotas
  const usage = evaluator.usage(object, now)
  const negative = Object.keys(usage).filter((name) => compareQuantity(usage[name]!, '0') < 0)
  if (negative.length > 0) {
    const why = `quota usage is negative for resource(s): ${negative.sort().join(',')}`
    throw admissionForbidden(attributes, why)
  }
  const growth = growthOf(usage, oldObject ? evaluator.usage(oldObject, now) : {})
  return quotas.map((quota) => {
    if (!concerned.includes(quota)) return quota
    const { hard = {} } = quota.status ?? {}
    const wasMatched = oldObject && quotaMatches(quota, hard, { evaluator, object: oldObject })
    const requested = withoutZeros(pickAmounts(wasMatched ? growth : usage, Object.keys(hard)))
    if (Object.keys(requested).length === 0) return quota
    const used = addAmounts(quota.status?.used ?? {}, requested)
    // What a controller sees of an object's state is a fact that no bound changes.
    if (subresource !== 'status') refuseExcess(quota, { requested, used, attributes })
    return { ...quota, status: { ...quota.status, hard, used } }
  })
}

function withoutZeros(amounts: Amounts): Amounts {
  return growthOf(amounts, {})
}

/** Whether a quota is about the object; refuses what it asks for and the object lacks. */
function concerns(quota: ResourceQuota, attributes: AdmissionAttributes): boolean {
  const evaluator = evaluatorFor(attributes.resource)
  const object = attributes.object!
  const { hard = {}, used = {} } = quota.status ?? {}
  if (!quotaMatches(quota, hard, { evaluator, object })) return false
  const names = evaluator.matching(Object.keys(hard))
  const { name } = quota.metadata
  const problem = evaluator.problem?.(object, names)
  if (problem) throw admissionForbidden(attributes, `failed quota: ${name}: ${problem}`)
  if (names.some((one) => used[one] === undefined)) {
    const why = `status unknown for quota: ${name}, resources: ${names.toSorted().join(',')}`
    throw admissionForbidden(attributes, why)
  }
  return true
}

function refuseExcess(
  quota: ResourceQuota,
  { requested, used, attributes }: { requested: Amounts; used: Amounts; attributes: AdmissionAttributes },
): void {
  const { hard = {}, used: before = {} } = quota.status ?? {}
  const exceeded = Object.keys(requested).filter((name) => compareQuantity(used[name]!, hard[name]!) > 0)
  if (exceeded.length === 0) return
  const texts = [requested, before, hard].map((amounts) => formatAmounts(pickAmounts(amounts, exceeded)))
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${texts[0]}, used: ${texts[1]}, limited: ${texts[2]}`
  throw admissionForbidden(attributes, why)
}
