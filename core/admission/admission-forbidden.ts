import type { AdmissionAttributes } from '../api/request.ts'
import { forbidden } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'

/** 403 about the object of a request (upstream: apiserver/pkg/admission NewForbidden). */
export function admissionForbidden(attributes: AdmissionAttributes, why: string): StatusError {
  const name = attributes.name || attributes.object?.metadata.name || attributes.object?.metadata.generateName
  return forbidden(attributes.resource, name ?? '', why)
}

/** Whether the request creates a pod, as opposed to one of its subresources. */
export function isPodCreation({ operation, resource, subresource }: AdmissionAttributes): boolean {
  return operation === 'CREATE' && resource.group === '' && resource.resource === 'pods' && !subresource
}
