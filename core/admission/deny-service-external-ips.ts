import type { Service } from '../api/generated/core-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { admissionForbidden } from './admission-forbidden.ts'

/**
 * Refuses new `externalIPs` of Services, by which anybody could draw traffic to himself; those that are there may stay
 * (upstream: plugin/pkg/admission/network/denyserviceexternalips). Off unless asked for, as upstream.
 */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(attributes) {
    const { resource, subresource, operation, object, oldObject } = attributes
    if (resource.group !== '' || resource.resource !== 'services' || subresource) return
    if (operation !== 'CREATE' && operation !== 'UPDATE') return
    const before = (oldObject as Service | undefined)?.spec?.externalIPs ?? []
    const after = (object as Service).spec?.externalIPs ?? []
    if (after.every((ip) => before.includes(ip))) return
    throw admissionForbidden(attributes, 'Use of external IPs is denied by admission control')
  },
}
