import type { DeviceRequest } from '../../../api/generated/resource-v1.ts'
import { forbiddenField } from '../../../api/field-errors.ts'
import { resources } from '../../../api/resources.ts'
import type { FieldError } from '../../../api/status.ts'
import type { Client } from '../../../client/client.ts'

const label = 'resource.kubernetes.io/admin-access'

/** The first request for a device whoever else has it. The path leaves out `exactly`, as upstream's does. */
export function requestedAdminAccess(requests: DeviceRequest[]): string | undefined {
  const at = requests.findIndex(({ exactly }) => exactly?.adminAccess)
  return at < 0 ? undefined : `spec.devices.requests[${at}].adminAccess`
}

/** Refuses it, where it is asked for, outside of the namespaces for it (upstream: AuthorizedForAdmin). */
export async function whyNoAdminAccess(
  client: Pick<Client, 'get'>,
  namespace: string,
  path: string | undefined,
): Promise<FieldError[]> {
  if (path === undefined) return []
  const { metadata } = await client.get(resources.namespaces, { name: namespace })
  if (metadata.labels?.[label] === 'true') return []
  const why = `admin access to devices requires the \`${label}: true\` label on the containing namespace`
  return [forbiddenField(path, why)]
}
