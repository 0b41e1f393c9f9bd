import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { forbidden } from '../api/status.ts'
import { admissionForbidden } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

const immortal = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Nothing is created in a namespace that is absent (404) or being deleted (403 with the cause NamespaceTerminating),
 * and the system's own namespaces cannot be deleted (upstream: plugin/namespace/lifecycle).
 */
export function createNamespaceLifecycle(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async admit(attributes) {
      const { operation, resource, namespace, name, subresource } = attributes
      if (resource.group === '' && resource.resource === 'namespaces') {
        if (operation === 'DELETE' && !subresource && immortal.has(name)) {
          throw forbidden(resource, name, 'this namespace may not be deleted')
        }
        return
      }
      if (operation !== 'CREATE' || !namespace || subresource) return
      // To refuse a review here would tell whether the namespace is there.
      if (resource.group === 'authorization.k8s.io') return
      const { status } = await reader.get(resources.namespaces, { name: namespace })
      if (status?.phase !== 'Terminating') return
      const error = admissionForbidden(
        attributes,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      )
      error.status.details = {
        ...error.status.details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      }
      throw error
    },
  }
}
