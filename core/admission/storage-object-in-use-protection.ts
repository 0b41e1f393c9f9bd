import type { AdmissionPlugin } from '../api/request.ts'
import {
  pvcProtectionFinalizer,
  pvProtectionFinalizer,
  vacProtectionFinalizer,
} from '../api/volume-finalizers.ts'
import { groupResource } from '../api/gvk.ts'

const finalizers: Record<string, string> = {
  persistentvolumes: pvProtectionFinalizer,
  persistentvolumeclaims: pvcProtectionFinalizer,
  'volumeattributesclasses.storage.k8s.io': vacProtectionFinalizer,
}

/**
 * Every volume, claim and class of attributes gets the finalizer by which it stays as long as it is in use; controllers take it away
 * (upstream: plugin/pkg/admission/storage/storageobjectinuseprotection).
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, resource, subresource, object }) {
    if (operation !== 'CREATE' || subresource || !object) return
    const finalizer = finalizers[groupResource(resource)]
    if (!finalizer) return
    const given = object.metadata.finalizers ?? []
    if (!given.includes(finalizer)) object.metadata.finalizers = [...given, finalizer]
  },
}
