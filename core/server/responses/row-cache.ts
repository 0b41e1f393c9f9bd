import type { KubeObject } from '../../api/meta.ts'
import type { Column } from '../../registry/kind.ts'
import { structMetadata } from '../../api/ordered-object.ts'
import { metadataBytes } from './metadata-bytes.ts'
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

/** JSON of a Table's row: the bytes, which are the object's own where they can be, stand between the texts. */
export interface RowText {
  before: string
  object: Uint8Array
  after: string
}

export type RowWriter = (request: RowRequest, item: RowItem) => RowText

/** A row as far as it never changes: text, with columns to ask again each time in between. */
interface Row extends Omit<RowText, 'before'> {
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
    if (!row || !isFor(request, row)) rows.set(object, (row = readRow(request, item)))
    const { fixed, moving, after } = row
    let before = fixed[0]!
    for (let at = 0; at < moving.length; at++) {
      before += JSON.stringify(moving[at]!.value(object, request.now)) + fixed[at + 1]!
    }
    return { before, object: row.object, after }
  }
}

/** Writes the row of a bookmark: an object in which nothing else is set, and which is never left out. */
export const blankRow: RowWriter = ({ columns, includeObject, version, now }, item) => {
  const object = { ...item.object, metadata: { ...item.object.metadata, name: '' } }
  const cells = columns.map((column) => {
    const value: Cell | undefined = column.value(object, now)
    return value === undefined ? blanks[column.type] : value
  })
  const shown = objectText(
    { includeObject: includeObject === 'Object' ? 'Object' : 'Metadata', version },
    item,
  )
  return {
    before: `{"cells":${JSON.stringify(cells)},"object":${shown.before}`,
    object: shown.object,
    after: `${shown.after}}`,
  }
}

type Cell = ReturnType<Column<KubeObject>['value']>

/** What Go has where nothing is set, by the column's type. */
const blanks: Partial<Record<string, Cell>> = { string: '', integer: 0, boolean: false }

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
  const shown = objectText({ includeObject, version }, item)
  fixed.push(`${text}],"object":${shown.before}`)
  return { columns, includeObject, version, fixed, moving, object: shown.object, after: `${shown.after}}` }
}

function movesWithTime(column: Column<KubeObject>, object: KubeObject): boolean {
  return column.movesWithTime?.(object) ?? column.value.length > 1
}

const nothing = new Uint8Array(0)

function objectText(
  { includeObject, version }: Pick<RowRequest, 'includeObject' | 'version'>,
  { object, bytes }: RowItem,
): RowText {
  switch (includeObject) {
    case 'None':
      return { before: 'null', object: nothing, after: '' }
    case 'Object':
      return { before: '', object: bytes, after: '' }
    case 'Metadata': {
      const metadata = metadataBytes(object, bytes) ?? Buffer.from(JSON.stringify(structMetadata(object)))
      const before = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`
      return { before, object: metadata, after: '}' }
    }
  }
}
