import { isDefaultStorageClass, newestClass } from '../api/default-class.ts'
import type { PersistentVolumeClaim } from '../api/generated/core-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import type { AdmissionReader } from './admission-reader.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/**
 * A claim that says nothing about its class gets the default one, if there is one; an empty class stays empty
 * (upstream: plugin/pkg/admission/storage/storageclass/setdefault).
 */
export function createDefaultStorageClass(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    async admit({ operation, resource, subresource, object }) {
      if (operation !== 'CREATE' || subresource || !object) return
      if (resource.group !== '' || resource.resource !== 'persistentvolumeclaims') return
      const { metadata, spec } = object as PersistentVolumeClaim
      if (spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return
      const { items } = await reader.list(resources.storageClasses)
      const found = newestClass(items.filter(isDefaultStorageClass))
      if (found) spec.storageClassName = found.metadata.name
    },
  }
}
