import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { isNotFound } from '../api/status.ts'
import type { Client, DeleteOptions } from './client.ts'

/** Deletes this very object. Done where it is gone already; another one of its name is a conflict. */
export async function deleteObject<T extends KubeObject>(
  client: Pick<Client, 'delete'>,
  resource: Resource<T>,
  { metadata: { namespace, name, uid } }: T,
  options: Omit<DeleteOptions, 'preconditions'> = {},
): Promise<void> {
  const ref = { name, ...(namespace === undefined ? {} : { namespace }) }
  try {
    await client.delete(resource, ref, { ...options, ...(uid ? { preconditions: { uid } } : {}) })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
