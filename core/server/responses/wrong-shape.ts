import { StatusError } from '../../api/status.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import type { Transform } from './negotiation.ts'

/**
 * 406 for a client that asks for the metadata of one object where a list is, or the other way round, in upstream's words
 * (endpoints/handlers/response.go), which name the Go type; undefined where the shape fits.
 */
export function wrongShape(
  { transform }: { transform?: Transform },
  definition: KindDefinition,
  isList: boolean,
): StatusError | undefined {
  const wrong = isList ? 'PartialObjectMetadata' : 'PartialObjectMetadataList'
  if (transform !== wrong) return undefined
  const what = isList ? 'a list' : 'not a list'
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `you requested ${wrong}, but the requested object is ${what} (*${goType(definition, isList)})`,
    reason: 'NotAcceptable',
    code: 406,
  })
}

function goType(definition: KindDefinition, isList: boolean): string {
  const { group, kind, names } = definition
  if (isCustom(definition)) return isList ? 'unstructured.UnstructuredList' : 'unstructured.Unstructured'
  const [first = ''] = group.split('.')
  // Events of both groups are the core API's inside.
  const name = first === '' || first === 'events' ? 'core' : first
  return `${name}.${isList ? (names.listKind ?? `${kind}List`) : kind}`
}
