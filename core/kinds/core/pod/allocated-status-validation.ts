import type { Container, ContainerStatus, Pod, ResourceStatus } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  duplicate,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../../api/field-errors.ts'
import { repeats } from '../../validation/repeats.ts'

const healths = ['Healthy', 'Unhealthy', 'Unknown']
const maxMessageLength = 1024

/** How the devices of a pod's containers fare (upstream: validateContainerStatusAllocatedResourcesStatus). */
export function validateAllocatedStatuses({ spec, status = {} }: Pod): FieldError[] {
  return [
    ...validateList(status.containerStatuses, spec.containers, 'status.containerStatuses'),
    ...validateList(status.initContainerStatuses, spec.initContainers, 'status.initContainerStatuses'),
    ...(status.ephemeralContainerStatuses ?? []).flatMap(({ allocatedResourcesStatus }, at) =>
      allocatedResourcesStatus?.length
        ? [
            forbiddenField(
              `status.ephemeralContainerStatuses[${at}].allocatedResourcesStatus`,
              'must not be specified in container status',
            ),
          ]
        : [],
    ),
  ]
}

function validateList(
  statuses: ContainerStatus[] = [],
  containers: Container[] = [],
  path: string,
): FieldError[] {
  return statuses.flatMap(({ name, allocatedResourcesStatus = [] }, at) => {
    // The container may have gone.
    const container = containers.find((one) => one.name === name)
    return allocatedResourcesStatus.flatMap((resource, index) => {
      const where = `${path}[${at}].allocatedResourcesStatus[${index}]`
      return [
        ...(container ? validateName(resource.name, container, `${where}.name`) : []),
        ...validateHealth(resource, `${where}.resources`),
      ]
    })
  })
}

function validateName(name: string, { resources }: Container, path: string): FieldError[] {
  const isClaim = name.startsWith('claim:')
  const claims = (resources?.claims ?? []).map(
    ({ name: claim, request }) => `claim:${claim}${request ? `/${request}` : ''}`,
  )
  const known = isClaim ? claims : Object.keys(resources?.requests ?? {})
  if (known.includes(name)) return []
  const why = isClaim
    ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
    : "must match one of the container's resource requests"
  return [invalidValue(path, name, why)]
}

function validateHealth({ resources = [] }: ResourceStatus, path: string): FieldError[] {
  const repeated = repeats(resources.map(({ resourceID }) => resourceID))
  return resources.flatMap(({ health = '', message, resourceID }, at) => {
    const where = `${path}[${at}]`
    const errors = healths.includes(health) ? [] : [notSupported(`${where}.health`, health, healths)]
    if (message === '') errors.push(required(`${where}.message`, 'must be non-empty if specified'))
    else if (Buffer.byteLength(message ?? '') > maxMessageLength) {
      errors.push(tooLong(`${where}.message`, maxMessageLength))
    }
    if (repeated.has(at)) errors.push(duplicate(`${where}.resourceID`, resourceID))
    return errors
  })
}
