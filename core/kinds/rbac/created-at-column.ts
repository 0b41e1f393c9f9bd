import type { KubeObject } from '../../api/meta.ts'
import type { Column } from '../../registry/kind.ts'

/** CREATED AT, which roles show in place of an age. */
export function createdAtColumn<T extends KubeObject>(): Column<T> {
  return {
    name: 'Created At',
    type: 'string',
    value: ({ metadata }) => metadata.creationTimestamp ?? '0001-01-01T00:00:00Z',
  }
}
