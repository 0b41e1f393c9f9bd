import { isNotFound } from '../../api/status.ts'
import type { Entry } from '../../storage/store.ts'
import type { ListPage, ListQuery } from '../registry.ts'
import { removeObject, warnOfOrphans } from './delete.ts'
import type { Deletion } from './delete.ts'
import { listObjects } from './list.ts'
import { requireVerb } from './scope.ts'
import type { ResourceScope } from './scope.ts'

/** How many deletions run at once: enough to share commits. */
const concurrency = 32

/**
 * Deletes everything a list gives, each as a single deletion would (upstream: store.DeleteCollection). What is gone
 * already is skipped. Answers with the list as it was; the first failure ends it.
 */
export async function deleteCollection(
  scope: ResourceScope,
  query: ListQuery,
  deletion: Deletion,
): Promise<ListPage> {
  requireVerb(scope, 'deletecollection')
  warnOfOrphans(scope, deletion)
  const page = await listObjects(scope, query)
  const queue: Iterator<Entry> = page.entries.values()
  const work = async (): Promise<void> => {
    for (let step = queue.next(); !step.done; step = queue.next())
      await deleteOne(scope, step.value, deletion)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, page.entries.length) }, work))
  return page
}

async function deleteOne(scope: ResourceScope, entry: Entry, deletion: Deletion): Promise<void> {
  const { name, namespace } = entry.object.metadata
  try {
    await removeObject(scope, { namespace, name }, deletion)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
