import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { EtcdClient } from './etcd-client.ts'

/** Outside every prefix: all API servers of one etcd agree on it, upstream's too. */
export const compactRevisionKey = Buffer.from('compact_rev_key')

const intervalMs = 5 * 60_000

/** What one server knows of the last compaction: how often it was done, and up to where the next one goes. */
interface CompactionTurn {
  version: number
  revision: number
}

/**
 * Has etcd forget what is older than five to ten minutes, until disposed (upstream: storage/etcd3/compact.go). Whoever of several
 * servers first raises the key's version does it; the others find the version raised, and wait for the next time.
 */
export function startEtcdCompactor(options: { client: EtcdClient; clock: Clock; log: Logger }): Disposable {
  const { client, clock, log } = options
  let turn: CompactionTurn = { version: 0, revision: 0 }
  let running = false
  return clock.every(intervalMs, () => {
    if (running) return
    running = true
    takeTurn(client, turn)
      .then((next) => void (turn = next))
      .catch((error: unknown) => log.warn('etcd could not be compacted', { error }))
      .finally(() => void (running = false))
  })
}

/** The first time nothing is compacted: it is not known yet how old a revision is. */
async function takeTurn(client: EtcdClient, { version, revision }: CompactionTurn): Promise<CompactionTurn> {
  const { header, succeeded, responses } = await client.txn({
    compare: [{ result: 0, target: 0, key: compactRevisionKey, version }],
    success: [{ request_put: { key: compactRevisionKey, value: Buffer.from(String(revision)) } }],
    failure: [{ request_range: { key: compactRevisionKey } }],
  })
  if (!succeeded) {
    const [found] = responses[0]?.response_range?.kvs ?? []
    return { version: found?.version ?? 0, revision: header.revision }
  }
  if (revision > 0) await client.compact(revision)
  return { version: version + 1, revision: header.revision }
}
