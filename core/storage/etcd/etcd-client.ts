import {
  credentials,
  status,
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js'
import { CompactedError, FutureRevisionError, StorageFailureError } from '../store.ts'
import {
  KvClient,
  MaintenanceClient,
  WatchClient,
  type RangeRequest,
  type RangeResponse,
  type ResponseHeader,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
  type WatchResponse,
} from './etcd-protocol.ts'

/** Where etcd is and how to speak to it. */
export interface EtcdAddress {
  /** `host:port` each; one is used, the next when it fails. */
  endpoints: string[]
  /** PEM texts; with `ca` the connection is TLS, with `cert` and `key` also authenticated. */
  tls?: { ca: Buffer; cert?: Buffer; key?: Buffer }
}

/** Every key of one etcd, from the first on. */
export const everyKey = { key: Buffer.from([0]), range_end: Buffer.from([0]) }

/** The calls the store makes to etcd v3. Failures are StorageFailureError, CompactedError or FutureRevisionError. */
export interface EtcdClient {
  range(request: RangeRequest): Promise<RangeResponse>
  /** When it rejects the transaction may have been carried out all the same. */
  txn(request: TxnRequest): Promise<TxnResponse>
  compact(revision: number): Promise<void>
  /** Of the member that is asked. */
  status(): Promise<StatusResponse>
  /** Watches all keys, with the versions before, from `startRevision` on; `close` ends it without a call of `onEnd`. */
  watch(
    range: { key: Buffer; range_end: Buffer; startRevision: number },
    listener: { onResponse(response: WatchResponse): void; onEnd(error: Error): void },
  ): { close(): void }
  close(): void
}

type Unary = (
  request: object,
  options: { deadline: number },
  done: (error: ServiceError | null, answer: unknown) => void,
) => void
interface KvCalls extends Client {
  Range: Unary
  Txn: Unary
  Compact: Unary
}
interface MaintenanceCalls extends Client {
  Status: Unary
}
interface WatchCalls extends Client {
  Watch(): ClientDuplexStream<object, WatchResponse>
}
interface Endpoint {
  kv: KvCalls
  watch: WatchCalls
  maintenance: MaintenanceCalls
}

const callTimeoutMs = 10_000
const channelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
}

/** Connects lazily; nothing is sent before the first call. */
export function createEtcdClient(address: EtcdAddress): EtcdClient {
  const channel = credentialsOf(address)
  const endpoints = address.endpoints.map((target): Endpoint => ({
    kv: new KvClient(target, channel, channelOptions) as unknown as KvCalls,
    watch: new WatchClient(target, channel, channelOptions) as unknown as WatchCalls,
    maintenance: new MaintenanceClient(target, channel, channelOptions) as unknown as MaintenanceCalls,
  }))
  let at = 0

  function moveOn(from: number): void {
    if (from === at) at = (at + 1) % endpoints.length
  }
  function call<T>(method: 'Range' | 'Txn' | 'Compact' | 'Status', request: object): Promise<T> {
    const used = at
    const { kv, maintenance } = endpoints[used]!
    const send: Unary = method === 'Status' ? maintenance.Status.bind(maintenance) : kv[method].bind(kv)
    return new Promise((resolve, reject) => {
      send(request, { deadline: Date.now() + callTimeoutMs }, (error, answer) => {
        if (!error) return resolve(answer as T)
        if (isUnreachable(error)) moveOn(used)
        reject(failureOf(error))
      })
    })
  }
  return {
    async range(request) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await call<RangeResponse>('Range', request)
        } catch (error) {
          // Reading twice does no harm: try every member once.
          if (!(error instanceof UnreachableError) || attempt >= endpoints.length) throw error
        }
      }
    },
    txn: (request) => call<TxnResponse>('Txn', request),
    async compact(revision) {
      await call<{ header: ResponseHeader }>('Compact', { revision })
    },
    status: () => call<StatusResponse>('Status', {}),
    watch({ startRevision, ...range }, listener) {
      const used = at
      const stream = endpoints[used]!.watch.Watch()
      let ended = false
      const end = (error: Error): void => {
        if (ended) return
        ended = true
        stream.cancel()
        moveOn(used)
        listener.onEnd(error)
      }
      stream.on('data', (response: WatchResponse) => {
        if (ended) return
        if (response.compact_revision > 0) end(new CompactedError(response.compact_revision))
        else if (response.canceled)
          end(new StorageFailureError(`etcd ended the watch: ${response.cancel_reason}`))
        else listener.onResponse(response)
      })
      stream.on('error', (error: ServiceError) => end(failureOf(error)))
      stream.on('end', () => end(new UnreachableError('etcd ended the watch')))
      stream.write({
        create_request: { ...range, start_revision: startRevision, progress_notify: true, prev_kv: true },
      })
      return {
        close() {
          ended = true
          stream.cancel()
        },
      }
    },
    close() {
      for (const { kv, watch, maintenance } of endpoints) {
        maintenance.close()
        kv.close()
        watch.close()
      }
    },
  }
}

/** No member could be asked. */
class UnreachableError extends StorageFailureError {}

function isUnreachable(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED
}

function failureOf(error: ServiceError): Error {
  if (/revision has been compacted/.test(error.details)) return new CompactedError(0)
  if (/future revision/.test(error.details)) return new FutureRevisionError(error.details)
  if (isUnreachable(error))
    return new UnreachableError(`etcd cannot be reached: ${error.details}`, { cause: error })
  return new StorageFailureError(`etcd: ${error.details}`, { cause: error })
}

function credentialsOf({ tls }: EtcdAddress): ChannelCredentials {
  if (!tls) return credentials.createInsecure()
  return credentials.createSsl(tls.ca, tls.key ?? null, tls.cert ?? null)
}
