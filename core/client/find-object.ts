import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { isNotFound } from '../api/status.ts'
import type { Client, ObjectName } from './client.ts'

/** Reads one object; undefined where there is none of this name. */
export async function findObject<T extends KubeObject>(
  client: Pick<Client, 'get'>,
  resource: Resource<T>,
  ref: ObjectName,
): Promise<T | undefined> {
  try {
    return await client.get(resource, ref)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
