import type { PersistentVolumeClaim } from '../api/generated/core-v1.ts'
import { compareQuantity } from '../api/quantity.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { admissionForbidden } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

/** A claim grows only once it is bound, and only where its class allows it (upstream: plugin/pkg/admission/storage/persistentvolume/resize). */
export function createClaimResize(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    async validate(attributes) {
      const { operation, resource, subresource, object, oldObject } = attributes
      if (operation !== 'UPDATE' || subresource || !object || !oldObject) return
      if (resource.group !== '' || resource.resource !== 'persistentvolumeclaims') return
      const [claim, old] = [object as PersistentVolumeClaim, oldObject as PersistentVolumeClaim]
      const [size, before] = [claim, old].map(({ spec }) => spec.resources?.requests?.storage ?? '0')
      if (compareQuantity(size!, before!) <= 0) return
      if (old.status?.phase !== 'Bound') {
        throw admissionForbidden(attributes, 'Only bound persistent volume claims can be expanded')
      }
      if (await allowsExpansion(reader, claim.spec.storageClassName)) return
      throw admissionForbidden(
        attributes,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      )
    },
  }
}

async function allowsExpansion(reader: AdmissionReader, className: string | undefined): Promise<boolean> {
  if (!className) return false
  try {
    const found = await reader.get(resources.storageClasses, { name: className })
    return found.allowVolumeExpansion ?? false
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
