import { beforeEach } from 'vitest'
import { TestKinds } from './test-kinds.ts'

/** New built-in kinds over an empty store for each test of a file; the functions speak to those of the running test. */
export function useKinds(): Pick<
  TestKinds,
  'create' | 'update' | 'row' | 'namedRow' | 'resource' | 'context'
> {
  let kinds: TestKinds
  beforeEach(() => void (kinds = new TestKinds()))
  return {
    create: (yaml, change) => kinds.create(yaml, change),
    update: (object, change, subresource) => kinds.update(object, change, subresource),
    row: (object) => kinds.row(object),
    namedRow: (object) => kinds.namedRow(object),
    resource: (kind) => kinds.resource(kind),
    context: () => kinds.context(),
  }
}
