import type { Service } from '../../api/generated/core-v1.ts'
import type { Ingress } from '../../api/generated/networking-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { Client } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'

/** Writes where the object is reached into its status, and nothing else of it; does nothing where it says so already. */
export async function writeLoadBalancer<T extends Service | Ingress>(
  client: Client,
  resource: Resource<T>,
  object: T,
  ingress: NonNullable<NonNullable<NonNullable<T['status']>['loadBalancer']>['ingress']>,
): Promise<void> {
  const loadBalancer = ingress.length > 0 ? { ingress } : {}
  if (deepEqual(object.status?.loadBalancer ?? {}, loadBalancer)) return
  await client.updateStatus(resource, { ...object, status: { ...object.status, loadBalancer } })
}
