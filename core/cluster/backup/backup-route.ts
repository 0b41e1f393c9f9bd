import type { ServerResponse } from 'node:http'
import type { Route } from '../../server/handlers/non-resource-handler.ts'
import { startStream } from '../../server/responses/respond.ts'
import { drained } from '../../util/drained.ts'

/** Where a running cluster gives its backup; a non-resource URL, so system:masters may ask for it and nobody else by default. */
export const backupPath = '/wheelhouse/backup'

const pieceLength = 256 * 1024

/** Serves what `take` gives. */
export function createBackupRoute(take: () => Promise<Iterable<string>>): Route {
  return {
    path: backupPath,
    async handle(exchange) {
      const lines = await take()
      startStream(exchange, 'application/x-ndjson')
      const response = exchange.response as ServerResponse
      let piece = ''
      for (const line of lines) {
        piece += line
        if (piece.length < pieceLength) continue
        if (!response.write(piece)) await drained(response)
        piece = ''
        if (exchange.isGone) return
      }
      response.end(piece)
    },
  }
}
