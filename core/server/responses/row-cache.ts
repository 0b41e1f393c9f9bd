import type { KubeObject } from '../../api/meta.ts'
import type { Column } from '../../registry/kind.ts'
import { partialObjectMetadataText } from './metadata-only.ts'
import type { MetaVersion } from './negotiation.ts'

/** What a row carries of its object. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface RowRequest {
  columns: readonly Column<KubeObject>[]
  includeObject: IncludeObject
  version: MetaVersion
  /** Milliseconds since the epoch, for ages. */
  now: number
}

/** An object and its JSON, neither of which ever changes. */
export interface RowItem {
  readonly object: KubeObject
  readonly bytes: Uint8Array
}

/** JSON text of a Table's row, in pieces to be put together in order. */
export type RowWriter = (request: RowRequest, item: RowItem) => string[]

/** A row as far as it never changes: text, with columns to ask again each time in between. */
interface Row {
  columns: readonly Column<KubeObject>[]
  includeObject: IncludeObject
  version: MetaVersion
  /** One more than `moving`. */
  fixed: string[]
  moving: Column<KubeObject>[]
}

/**
 * Creates a writer that works out the row of an object once, all but the cells that move with the clock. Objects must
 * never change; what is remembered lives as long as they do.
 */
export function createRowWriter(): RowWriter {
  const rows = new WeakMap<KubeObject, Row>()
  return (request, item) => {
    const { object } = item
    let row = rows.get(object)
    if (!row || !isFor(request, row)) {
      row = readRow(request, item)
      // A whole object is too much to remember twice.
      if (request.includeObject !== 'Object') rows.set(object, row)
    }
    const { fixed, moving } = row
    const pieces = [fixed[0]!]
    for (let at = 0; at < moving.length; at++) {
      pieces.push(JSON.stringify(moving[at]!.value(object, request.now)), fixed[at + 1]!)
    }
    return pieces
  }
}

function isFor(request: RowRequest, row: Row): boolean {
  const { columns, includeObject, version } = row
  return columns === request.columns && includeObject === request.includeObject && version === request.version
}

function readRow({ columns, includeObject, version }: RowRequest, item: RowItem): Row {
  const { object } = item
  const moving: Column<KubeObject>[] = []
  const fixed: string[] = []
  let text = '{"cells":['
  for (const [index, column] of columns.entries()) {
    if (index > 0) text += ','
    if (movesWithTime(column, object)) {
      moving.push(column)
      fixed.push(text)
      text = ''
    } else text += JSON.stringify(column.value(object, 0))
  }
  fixed.push(`${text}],"object":${objectText({ includeObject, version }, item)}}`)
  return { columns, includeObject, version, fixed, moving }
}

function movesWithTime(column: Column<KubeObject>, object: KubeObject): boolean {
  return column.movesWithTime?.(object) ?? column.value.length > 1
}

function objectText(
  { includeObject, version }: Pick<RowRequest, 'includeObject' | 'version'>,
  item: RowItem,
): string {
  switch (includeObject) {
    case 'None':
      return 'null'
    case 'Object':
      return textOf(item.bytes)
    case 'Metadata':
      return partialObjectMetadataText(item.object, version)
  }
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString()
}
