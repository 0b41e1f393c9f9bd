import type { AdmissionPlugin } from '../api/request.ts'
import { pvcProtectionFinalizer, pvProtectionFinalizer } from '../api/volume-finalizers.ts'

const finalizers: Record<string, string> = {
  persistentvolumes: pvProtectionFinalizer,
  persistentvolumeclaims: pvcProtectionFinalizer,
}

/**
 * Every volume and claim gets the finalizer by which it stays as long as it is in use; controllers take it away
 * (upstream: plugin/pkg/admission/storage/storageobjectinuseprotection).
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, resource, subresource, object }) {
    if (operation !== 'CREATE' || subresource || resource.group !== '' || !object) return
    const finalizer = finalizers[resource.resource]
    if (!finalizer) return
    const given = object.metadata.finalizers ?? []
    if (!given.includes(finalizer)) object.metadata.finalizers = [...given, finalizer]
  },
}
