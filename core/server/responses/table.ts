import type { KubeObject, ListMeta } from '../../api/meta.ts'
import { badRequest } from '../../api/status.ts'
import type { Column } from '../../registry/kind.ts'
import type { MetaVersion } from './negotiation.ts'
import type { IncludeObject, RowItem, RowWriter } from './row-cache.ts'

/** TableOptions' includeObject; Metadata when absent. Throws 400 for other values. */
export function parseIncludeObject(text: string | null): IncludeObject {
  if (text === null || text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  const why = `includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`
  throw badRequest(`Unable to convert to Table as requested: ${why}`)
}

export interface TableRequest {
  columns: readonly Column<KubeObject>[]
  includeObject: IncludeObject
  version: MetaVersion
  /** Milliseconds since the epoch, for ages. */
  now: number
  rowOf: RowWriter
}

function columnDefinitions(columns: readonly Column<KubeObject>[]): string {
  return JSON.stringify(
    columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : (format ?? ''),
      description: description ?? '',
      priority: priority ?? 0,
    })),
  )
}

/**
 * JSON text of a meta.k8s.io Table, in pieces to be put together in order. `withHeader` false leaves the column
 * definitions out, as later watch events do.
 */
export function tablePieces(
  request: TableRequest,
  table: { metadata: ListMeta; items: readonly RowItem[]; withHeader?: boolean },
): string[] {
  const { columns, includeObject, version, now, rowOf } = request
  const header = table.withHeader === false ? '[]' : columnDefinitions(columns)
  const metadata = JSON.stringify(table.metadata)
  const row = { columns, includeObject, version, now }
  const pieces = [
    `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"columnDefinitions":${header},"rows":[`,
  ]
  for (const [index, item] of table.items.entries()) {
    if (index > 0) pieces.push(',')
    pieces.push(...rowOf(row, item))
  }
  pieces.push(']}')
  return pieces
}
