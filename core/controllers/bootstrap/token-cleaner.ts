import { bootstrapTokenExpiry } from '../../util/bootstrap-token.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

/** A timer may sleep while the machine does: the clock is looked at again at least this often. */
const longestWaitMs = 60_000

/** Deletes the Secrets of bootstrap tokens that have expired (upstream: pkg/controller/bootstrap/tokencleaner.go). */
export function createTokenCleaner(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies
  return defineController(dependencies, {
    name: 'token-cleaner',
    for: resources.secrets,
    workers: 1,
    filter: ({ object }) => bootstrapTokenExpiry(object) !== undefined,
    async reconcile({ object }) {
      const expiry = object && bootstrapTokenExpiry(object)
      if (!object || expiry === undefined) return
      const leftMs = expiry - clock.now()
      if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, longestWaitMs) }
      const { namespace = '', name, uid = '' } = object.metadata
      try {
        await client.delete(resources.secrets, { namespace, name }, { preconditions: { uid } })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error
      }
      return
    },
  })
}
