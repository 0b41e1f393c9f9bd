import type { ServiceClientConstructor } from '@grpc/grpc-js'
import { loadPackageDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'

/** A field of a message: its type and number (etcd: api/etcdserverpb/rpc.proto, api/mvccpb/kv.proto). */
type Field = [type: string, id: number, rule?: 'repeated']

function message(fields: Record<string, Field>, oneofs: Record<string, string[]> = {}): object {
  const all = Object.entries(fields).map(([name, [type, id, rule]]) => [
    name,
    rule ? { type, id, rule } : { type, id },
  ])
  return {
    fields: Object.fromEntries(all) as object,
    oneofs: Object.fromEntries(Object.entries(oneofs).map(([name, oneof]) => [name, { oneof }])),
  }
}

const messages = {
  ResponseHeader: message({ cluster_id: ['uint64', 1], member_id: ['uint64', 2], revision: ['int64', 3] }),
  KeyValue: message({
    key: ['bytes', 1],
    create_revision: ['int64', 2],
    mod_revision: ['int64', 3],
    version: ['int64', 4],
    value: ['bytes', 5],
    lease: ['int64', 6],
  }),
  Event: message({ type: ['int32', 1], kv: ['KeyValue', 2], prev_kv: ['KeyValue', 3] }),
  RangeRequest: message({
    key: ['bytes', 1],
    range_end: ['bytes', 2],
    limit: ['int64', 3],
    revision: ['int64', 4],
    keys_only: ['bool', 8],
    count_only: ['bool', 9],
  }),
  RangeResponse: message({
    header: ['ResponseHeader', 1],
    kvs: ['KeyValue', 2, 'repeated'],
    more: ['bool', 3],
    count: ['int64', 4],
  }),
  PutRequest: message({ key: ['bytes', 1], value: ['bytes', 2] }),
  PutResponse: message({ header: ['ResponseHeader', 1] }),
  DeleteRangeRequest: message({ key: ['bytes', 1], range_end: ['bytes', 2] }),
  DeleteRangeResponse: message({ header: ['ResponseHeader', 1], deleted: ['int64', 2] }),
  RequestOp: message(
    {
      request_range: ['RangeRequest', 1],
      request_put: ['PutRequest', 2],
      request_delete_range: ['DeleteRangeRequest', 3],
    },
    { request: ['request_range', 'request_put', 'request_delete_range'] },
  ),
  ResponseOp: message(
    {
      response_range: ['RangeResponse', 1],
      response_put: ['PutResponse', 2],
      response_delete_range: ['DeleteRangeResponse', 3],
    },
    { response: ['response_range', 'response_put', 'response_delete_range'] },
  ),
  /** `result` 0 is EQUAL; `target` 0 is VERSION, 2 is MOD. */
  Compare: message({
    result: ['int32', 1],
    target: ['int32', 2],
    key: ['bytes', 3],
    version: ['int64', 4],
    mod_revision: ['int64', 6],
  }),
  TxnRequest: message({
    compare: ['Compare', 1, 'repeated'],
    success: ['RequestOp', 2, 'repeated'],
    failure: ['RequestOp', 3, 'repeated'],
  }),
  TxnResponse: message({
    header: ['ResponseHeader', 1],
    succeeded: ['bool', 2],
    responses: ['ResponseOp', 3, 'repeated'],
  }),
  CompactionRequest: message({ revision: ['int64', 1], physical: ['bool', 2] }),
  CompactionResponse: message({ header: ['ResponseHeader', 1] }),
  StatusRequest: message({}),
  StatusResponse: message({ header: ['ResponseHeader', 1], version: ['string', 2], dbSize: ['int64', 3] }),
  WatchCreateRequest: message({
    key: ['bytes', 1],
    range_end: ['bytes', 2],
    start_revision: ['int64', 3],
    progress_notify: ['bool', 4],
    prev_kv: ['bool', 6],
    watch_id: ['int64', 7],
  }),
  WatchRequest: message({ create_request: ['WatchCreateRequest', 1] }, { request_union: ['create_request'] }),
  WatchResponse: message({
    header: ['ResponseHeader', 1],
    watch_id: ['int64', 2],
    created: ['bool', 3],
    canceled: ['bool', 4],
    compact_revision: ['int64', 5],
    cancel_reason: ['string', 6],
    events: ['Event', 11, 'repeated'],
  }),
}

const definition = fromJSON(
  {
    nested: {
      etcdserverpb: {
        nested: {
          ...messages,
          KV: {
            methods: {
              Range: { requestType: 'RangeRequest', responseType: 'RangeResponse' },
              Txn: { requestType: 'TxnRequest', responseType: 'TxnResponse' },
              Compact: { requestType: 'CompactionRequest', responseType: 'CompactionResponse' },
            },
          },
          Maintenance: {
            methods: { Status: { requestType: 'StatusRequest', responseType: 'StatusResponse' } },
          },
          Watch: {
            methods: {
              Watch: {
                requestType: 'WatchRequest',
                requestStream: true,
                responseType: 'WatchResponse',
                responseStream: true,
              },
            },
          },
        },
      },
    },
  } as Parameters<typeof fromJSON>[0],
  { keepCase: true, longs: Number, defaults: true, arrays: true },
)
const services = loadPackageDefinition(definition)['etcdserverpb'] as unknown as Record<
  'KV' | 'Watch' | 'Maintenance',
  ServiceClientConstructor
>

/** Client constructors of the etcd v3 services that the store uses. */
export const { KV: KvClient, Watch: WatchClient, Maintenance: MaintenanceClient } = services

export interface ResponseHeader {
  revision: number
}

/** A version of a key. */
export interface KeyValue {
  key: Buffer
  create_revision: number
  mod_revision: number
  /** How often the key was written. */
  version: number
  value: Buffer
}

/** `type` 0 is a put, 1 a deletion. `prev_kv` is there when asked for and not compacted. */
export interface WatchedEvent {
  type: number
  kv: KeyValue
  prev_kv: KeyValue | null
}

export interface RangeRequest {
  key: Buffer
  range_end?: Buffer
  limit?: number
  revision?: number
  keys_only?: boolean
  count_only?: boolean
}

export interface RangeResponse {
  header: ResponseHeader
  kvs: KeyValue[]
  more: boolean
  count: number
}

export interface TxnRequest {
  compare: { result: number; target: number; key: Buffer; version?: number; mod_revision?: number }[]
  failure?: { request_range: RangeRequest }[]
  success: ({ request_put: { key: Buffer; value: Uint8Array } } | { request_delete_range: { key: Buffer } })[]
}

export interface TxnResponse {
  header: ResponseHeader
  succeeded: boolean
  responses: { response_range?: RangeResponse | null }[]
}

/** `dbSize` is what the database takes on disk, in bytes. */
export interface StatusResponse {
  header: ResponseHeader
  version: string
  dbSize: number
}

export interface WatchResponse {
  header: ResponseHeader
  created: boolean
  canceled: boolean
  compact_revision: number
  cancel_reason: string
  events: WatchedEvent[]
}
