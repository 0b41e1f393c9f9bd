import type { TableColumnDefinition } from '../../api/generated/meta-v1.ts'
import type { KubeObject, ListMeta } from '../../api/meta.ts'
import { badRequest } from '../../api/status.ts'
import type { Column } from '../../registry/kind.ts'
import type { MetaVersion } from './negotiation.ts'
import { joinPieces, type Piece } from './pieces.ts'
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

/** What a Table says of a kind's columns. */
export function columnDefinitions(columns: readonly Column<KubeObject>[]): TableColumnDefinition[] {
  const defined = columns.filter(({ isUndefined }) => !isUndefined)
  return defined.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: name === 'Name' ? 'name' : (format ?? ''),
    description: description ?? '',
    priority: priority ?? 0,
  }))
}

/**
 * JSON of a meta.k8s.io Table, in pieces to be put together in order. `withHeader` false leaves the column definitions out,
 * as later watch events do.
 */
export function tablePieces(
  request: TableRequest,
  table: { metadata: ListMeta; items: readonly RowItem[]; withHeader?: boolean },
): Piece[] {
  const { columns, includeObject, version, now, rowOf } = request
  const header = table.withHeader === false ? 'null' : JSON.stringify(columnDefinitions(columns))
  const metadata = JSON.stringify(table.metadata)
  const row = { columns, includeObject, version, now }
  const pieces: Piece[] = []
  // Few long texts cost less than many short ones.
  let text = `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"columnDefinitions":${header},"rows":[`
  for (const item of table.items) {
    const { before, object, after } = rowOf(row, item)
    pieces.push(text + before, object)
    text = `${after},`
  }
  // After the last row comes no comma.
  if (table.items.length > 0) pieces.push(`${text.slice(0, -1)}]}`)
  else pieces.push(isDefault(columns) ? `${text.slice(0, -1)}null}` : `${text}]}`)
  return pieces
}

/** The same as one piece of bytes. */
export function tableBytes(...parts: Parameters<typeof tablePieces>): Buffer {
  return joinPieces(tablePieces(...parts))
}

/** Whether a kind has no columns of its own: upstream then begins with no rows rather than with none of them. */
function isDefault(columns: readonly Column<KubeObject>[]): boolean {
  return columns.length === 2 && columns[1]!.name === 'Created At'
}
