import type { StoreEvent } from '../store.ts'
import type { PendingWatch } from '../watch-hub.ts'
import type { EtcdClient } from './etcd-client.ts'
import type { EtcdCodec } from './etcd-codec.ts'
import type { WatchedEvent } from './etcd-protocol.ts'

/**
 * Delivers what happened under a prefix after one revision and through another, out of etcd's history, and then starts
 * the watch. It fails the watch with CompactedError when etcd does not have it any more.
 */
export async function replayFromEtcd(
  source: { client: EtcdClient; codec: EtcdCodec; prefix: string; span: { after: number; through: number } },
  watch: PendingWatch,
): Promise<void> {
  const { client, codec, prefix, span } = source
  const previousOf = createPreviousReader(source)
  try {
    // Revision 1 is an empty etcd: there is no event to wait for.
    if (span.through <= 1) return watch.start()
    await new Promise<void>((resolve, reject) => {
      let chain = Promise.resolve()
      const stream = client.watch(
        // All keys, so that the end of the span is seen even when nothing happened under the prefix.
        { key: Buffer.from([0]), range_end: Buffer.from([0]), startRevision: span.after + 1 },
        {
          onResponse({ events }) {
            const isLast = (events.at(-1)?.kv.mod_revision ?? 0) >= span.through
            if (isLast || watch.closed) stream.close()
            chain = chain.then(async () => {
              const changes: StoreEvent[] = []
              for (const event of events) {
                if (event.kv.mod_revision > span.through) break
                const key = codec.keyOf(event.kv.key)
                if (!key?.startsWith(prefix)) continue
                const change = changeOf(codec, event, await previousOf(event))
                if (change) changes.push(change)
              }
              if (changes.length > 0) watch.deliver(changes)
              if (isLast || watch.closed) resolve()
            })
            chain.catch(reject)
          },
          onEnd: reject,
        },
      )
    })
    watch.start()
  } catch (error) {
    watch.fail(error instanceof Error ? error : new Error(String(error)))
  }
}

/** etcd gives the version before with the event, but for what compaction took; then a read at the revision before has it. */
function createPreviousReader(source: { client: EtcdClient }) {
  return async ({ type, kv, prev_kv }: WatchedEvent): Promise<WatchedEvent['prev_kv']> => {
    if (prev_kv || (type === 0 && kv.create_revision === kv.mod_revision)) return prev_kv
    const { kvs } = await source.client.range({ key: kv.key, revision: kv.mod_revision - 1 })
    return kvs[0] ?? null
  }
}

function changeOf(
  codec: EtcdCodec,
  { type, kv }: WatchedEvent,
  before: WatchedEvent['prev_kv'],
): StoreEvent | undefined {
  const previous = before ? codec.entryOf(before) : undefined
  if (type === 1) {
    return previous && { type: 'deleted', entry: codec.deleted(previous, kv.mod_revision), previous }
  }
  const entry = codec.entryOf(kv)
  return previous ? { type: 'updated', entry, previous } : { type: 'created', entry }
}
