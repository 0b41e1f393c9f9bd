import type { Pod } from '../../api/generated/core-v1.ts'
import { isNotFound } from '../../api/status.ts'
import type { Expectations } from './expectations.ts'
import { isNamespaceTerminating } from './pod-control.ts'
import { slowStartBatch } from './slow-start.ts'

/** What went wrong first. */
export interface FirstFailure {
  error: unknown
}

/**
 * Creates `count` pods in slow-start batches, and expects to see as many as could be created. That their namespace is
 * going away is no failure.
 */
export async function createExpected(
  { expectations, key, count }: { expectations: Expectations; key: string; count: number },
  create: () => Promise<unknown>,
): Promise<FirstFailure | undefined> {
  expectations.expectCreations(key, count)
  const { skipped, error } = await slowStartBatch(count, async () => {
    try {
      await create()
    } catch (failed) {
      // Nothing will be seen of this one.
      expectations.creationObserved(key)
      if (!isNamespaceTerminating(failed)) throw failed
    }
  })
  for (let i = 0; i < skipped; i++) expectations.creationObserved(key)
  return error === undefined ? undefined : { error }
}

/** Deletes all of the pods at once, and expects to see those go that could be deleted. That one is gone is no failure. */
export async function deleteExpected(
  { expectations, key, pods }: { expectations: Expectations; key: string; pods: readonly Pod[] },
  remove: (pod: Pod) => Promise<void>,
): Promise<FirstFailure | undefined> {
  expectations.expectDeletions(
    key,
    pods.map(({ metadata }) => metadata.uid ?? ''),
  )
  const results = await Promise.allSettled(
    pods.map(async (pod) => {
      try {
        await remove(pod)
      } catch (failed) {
        expectations.deletionObserved(key, pod.metadata.uid ?? '')
        if (!isNotFound(failed)) throw failed
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  return failed && { error: failed.reason as unknown }
}
