import { isDefaultIngressClass, newestClass } from '../api/default-class.ts'
import type { Ingress } from '../api/generated/networking-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import type { AdmissionReader } from './admission-reader.ts'

const classAnnotation = 'kubernetes.io/ingress.class'

/** An Ingress that names no class gets the default one, if there is one (upstream: plugin/pkg/admission/network/defaultingressclass). */
export function createDefaultIngressClass(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    async admit({ operation, resource, subresource, object }) {
      if (operation !== 'CREATE' || subresource || !object) return
      if (resource.group !== 'networking.k8s.io' || resource.resource !== 'ingresses') return
      const { metadata, spec } = object as Ingress
      if (spec.ingressClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return
      const { items } = await reader.list(resources.ingressClasses)
      const found = newestClass(items.filter(isDefaultIngressClass))
      if (found) spec.ingressClassName = found.metadata.name
    },
  }
}
