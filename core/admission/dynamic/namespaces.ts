import type { Namespace } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import type { Labels } from '../../api/selectors.ts'
import { internalError, isNotFound } from '../../api/status.ts'
import type { AdmissionReader } from '../admission-reader.ts'

/** A namespace that a webhook or policy goes by. Throws a 404, or a 500 for whatever else went wrong. */
async function readNamespace(reader: AdmissionReader, name: string): Promise<Namespace> {
  try {
    return await reader.get(resources.namespaces, { name })
  } catch (error) {
    if (isNotFound(error)) throw error
    throw internalError(error instanceof Error ? error.message : String(error))
  }
}

/** Its labels. */
export async function namespaceLabels(reader: AdmissionReader, name: string): Promise<Labels> {
  return (await readNamespace(reader, name)).metadata.labels
}

/** The namespace that a request is in; undefined for cluster-scoped objects, and for namespaces themselves. */
export async function namespaceOf(
  reader: AdmissionReader,
  { namespace, resource }: AdmissionAttributes,
): Promise<Namespace | undefined> {
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  return namespace && !isNamespace ? readNamespace(reader, namespace) : undefined
}
