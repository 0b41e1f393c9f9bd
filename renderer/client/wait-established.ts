import { findCondition, isConditionTrue } from '../../core/api/conditions.ts'
import type { CustomResourceDefinition } from '../../core/api/generated/apiextensions-v1.ts'
import { resources } from '../../core/api/resources.ts'
import { failure, StatusError } from '../../core/api/status.ts'
import { watchObjects } from './watch.ts'

/** Names are accepted at once or, while another definition has them, not at all. */
const longestWaitMs = 20_000

/**
 * Waits until a cluster serves the kind of a definition. Throws StatusError when its names are refused, or when it takes too long to be
 * worth waiting for.
 */
export async function waitEstablished(cluster: string, name: string): Promise<void> {
  const stop = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const refuse = (message: string): void => reject(failure(409, 'Conflict', `${name}: ${message}`))
  const timer = setTimeout(() => refuse('not established'), longestWaitMs)
  function look(definition: CustomResourceDefinition | undefined): void {
    const conditions = definition?.status?.conditions
    const names = findCondition(conditions, 'NamesAccepted')
    if (isConditionTrue(conditions, 'Established')) resolve()
    else if (names?.status === 'False') refuse(names.message ?? names.reason ?? '')
  }
  void watchObjects<CustomResourceDefinition>(
    { cluster, resource: resources.customResourceDefinitions, fieldSelector: `metadata.name=${name}` },
    {
      reset: (items) => look(items[0]),
      change: (_type, object) => look(object),
      failed: (error, final) => {
        if (final) reject(error instanceof StatusError ? error : failure(0, 'Unknown', String(error)))
      },
    },
    stop.signal,
  )
  try {
    await promise
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
}
