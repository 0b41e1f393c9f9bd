import type { KubeObject } from '../api/meta.ts'
import type { KindDefinition } from '../registry/kind.ts'
import { defaultColumns } from './columns.ts'

/** What the review kinds have in common: they can be created only, and nothing of them is stored. */
export function createOnly<T extends KubeObject>(): Pick<
  KindDefinition<T>,
  'columns' | 'isVirtual' | 'withoutVerbs'
> {
  return {
    columns: defaultColumns(),
    isVirtual: true,
    withoutVerbs: ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection'],
  }
}
