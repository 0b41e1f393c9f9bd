import type { KubeObject, ListMeta } from '../../api/meta.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import { badRequest } from '../../api/status.ts'

/** What a row carries of its object. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** TableOptions' includeObject; Metadata when absent. Throws 400 for other values. */
export function parseIncludeObject(text: string | null): IncludeObject {
  if (text === null || text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw badRequest(`unrecognized includeObject value: "${text}"`)
}

export interface TableRequest {
  definition: KindDefinition
  includeObject: IncludeObject
  /** Milliseconds since the epoch, for ages. */
  now: number
  /** JSON text of an object's metadata part. */
  metadataOf: (object: KubeObject) => string
}

function columnDefinitions(definition: KindDefinition): string {
  return JSON.stringify(
    definition.columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : (format ?? ''),
      description: description ?? '',
      priority: priority ?? 0,
    })),
  )
}

function rowText(request: TableRequest, object: KubeObject): string {
  const cells = JSON.stringify(request.definition.columns.map((column) => column.value(object, request.now)))
  switch (request.includeObject) {
    case 'None':
      return `{"cells":${cells},"object":null}`
    case 'Object':
      return `{"cells":${cells},"object":${JSON.stringify(object)}}`
    case 'Metadata':
      return `{"cells":${cells},"object":${request.metadataOf(object)}}`
  }
}

/** JSON text of a meta.k8s.io/v1 Table. `withHeader` false leaves the column definitions out, as later watch events do. */
export function tableText(
  request: TableRequest,
  table: { metadata: ListMeta; objects: KubeObject[]; withHeader?: boolean },
): string {
  const header = table.withHeader === false ? '[]' : columnDefinitions(request.definition)
  const rows = table.objects.map((object) => rowText(request, object)).join(',')
  const metadata = JSON.stringify(table.metadata)
  return `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"columnDefinitions":${header},"rows":[${rows}]}`
}
