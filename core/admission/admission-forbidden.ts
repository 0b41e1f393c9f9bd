import type { AdmissionAttributes } from '../api/request.ts'
import { forbidden } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'

/** 403 about the object of a request (upstream: apiserver/pkg/admission NewForbidden). */
export function admissionForbidden(attributes: AdmissionAttributes, why: string): StatusError {
  const name = attributes.name || attributes.object?.metadata.name || attributes.object?.metadata.generateName
  return forbidden(attributes.resource, name || 'Unknown', why)
}

/** Whether the request creates a pod, as opposed to one of its subresources. */
export function isPodCreation(attributes: AdmissionAttributes): boolean {
  return attributes.operation === 'CREATE' && isPodItself(attributes)
}

/** Whether the request updates a pod, as opposed to one of its subresources. */
export function isPodUpdate(attributes: AdmissionAttributes): boolean {
  return attributes.operation === 'UPDATE' && isPodItself(attributes)
}

function isPodItself({ resource, subresource }: AdmissionAttributes): boolean {
  return resource.group === '' && resource.resource === 'pods' && !subresource
}
