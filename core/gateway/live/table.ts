import type { LiveColumn, LiveRow } from '../../api/live.ts'
import { controllerOf, type KubeObject, type ListMeta } from '../../api/meta.ts'
import { projectRow } from '../../api/projections/index.ts'
import type { GroupVersionResource } from '../../api/gvk.ts'

/** Asks for a Table, and for plain objects from servers that make none. */
export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** A `meta.k8s.io/v1` Table, or the list or object of a server that makes none. */
export interface TableAnswer {
  kind?: string
  metadata?: ListMeta & { name?: string }
  columnDefinitions?: LiveColumn[] | null
  rows?: Array<{ cells: unknown[]; object: KubeObject }> | null
  items?: KubeObject[]
}

const plainColumns: LiveColumn[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'Created At', type: 'date', priority: 0 },
]

/** The columns of an answer; undefined where it repeats those of an earlier one. */
export function columnsOf(answer: TableAnswer): LiveColumn[] | undefined {
  if (answer.kind !== 'Table') return plainColumns
  const columns = answer.columnDefinitions ?? []
  if (columns.length === 0) return undefined
  return columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    ...(format && { format }),
    ...(description && { description }),
    priority: priority ?? 0,
  }))
}

/** The rows of an answer, each object reduced to what lists show. */
export function rowsOf(resource: GroupVersionResource, answer: TableAnswer): LiveRow[] {
  if (answer.kind === 'Table') {
    return (answer.rows ?? []).map(({ cells, object }) => toRow(resource, object, cells))
  }
  const objects = answer.items ?? [answer as KubeObject]
  return objects.map((object) =>
    toRow(resource, object, [object.metadata.name, object.metadata.creationTimestamp]),
  )
}

/** The revision an answer stands at. */
export function resourceVersionOf(answer: TableAnswer): string | undefined {
  return answer.metadata?.resourceVersion || answer.rows?.[0]?.object.metadata.resourceVersion
}

function toRow(resource: GroupVersionResource, object: KubeObject, cells: unknown[]): LiveRow {
  const { uid, name, namespace, creationTimestamp, deletionTimestamp, labels } = object.metadata
  const owner = controllerOf(object)
  const data = projectRow(resource, object)
  return {
    uid: uid ?? `${namespace ?? ''}/${name}`,
    name,
    ...(namespace && { namespace }),
    ...(creationTimestamp && { createdAt: creationTimestamp }),
    ...(deletionTimestamp && { deletedAt: deletionTimestamp }),
    ...(labels && { labels }),
    ...(owner && { owner: { kind: owner.kind, name: owner.name, apiVersion: owner.apiVersion } }),
    cells,
    ...(data && { data }),
  }
}
