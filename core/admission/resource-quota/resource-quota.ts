import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import type { Clock } from '../../util/clock.ts'
import type { AdmissionClient } from '../admission-reader.ts'
import { createQuotaAccountant } from './quota-accountant.ts'

export interface ResourceQuotaOptions {
  client: AdmissionClient
  /** Whether a namespace may have quotas; where it says no, nothing is read. */
  mayHaveQuota: (namespace: string) => boolean
  clock: Clock
}

/**
 * Refuses what would exceed a quota of its namespace, and charges what does not (upstream:
 * apiserver/pkg/admission/plugin/resourcequota). Runs last: what a later plugin refused would be charged for nothing.
 */
export function createResourceQuota({ client, mayHaveQuota, clock }: ResourceQuotaOptions): AdmissionPlugin {
  const accountant = createQuotaAccountant(client, clock)
  return {
    name: 'ResourceQuota',
    validate(attributes) {
      const { namespace, object } = attributes
      if (!namespace || !object || !isCharged(attributes) || !mayHaveQuota(namespace)) return
      return accountant.charge(attributes)
    },
  }
}

/** The writes by which usage can grow: creations, and those updates that change an amount. */
function isCharged({ operation, resource, subresource, object, oldObject }: AdmissionAttributes): boolean {
  if (operation === 'CREATE') return !subresource
  if (operation !== 'UPDATE' || resource.group !== '') return false
  switch (resource.resource) {
    case 'services':
      return !subresource
    case 'pods':
      return subresource === 'resize'
    case 'persistentvolumeclaims':
      return !subresource || (subresource === 'status' && setsAsideMore(object, oldObject))
    default:
      return false
  }
}

function setsAsideMore(next: unknown, old: unknown): boolean {
  const [now, before] = [next, old].map((claim) => (claim as PersistentVolumeClaim).status)
  return now?.allocatedResources?.storage !== before?.allocatedResources?.storage
}
