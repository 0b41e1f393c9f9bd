import { parseExactJson } from '../../api/exact-json.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ValueCipher } from '../encryption/value-cipher.ts'
import { entryOfObject } from '../stored-entry.ts'
import { StorageFailureError, type Entry } from '../store.ts'
import type { KeyValue } from './etcd-protocol.ts'

interface KeyRange {
  key: Buffer
  range_end: Buffer
}

/**
 * How objects lie in etcd: under `<prefix>/<group or 'core'>/<resource>/[<namespace>/]<name>`, as JSON without a
 * resourceVersion, which is etcd's mod_revision (as upstream's etcd3 store does), encrypted where the cipher says so.
 */
export interface EtcdCodec {
  readonly everything: KeyRange
  /** A range that is always empty. */
  readonly nothing: KeyRange
  key(key: string): Buffer
  /** All keys with a prefix, after a key. */
  range(prefix: string, after?: string): KeyRange
  /** The store's key; undefined for what lies outside the prefix. */
  keyOf(key: Buffer): string | undefined
  value(key: string, object: KubeObject): Uint8Array
  /** Throws StorageFailureError when the value is no object or cannot be decrypted. */
  entryOf(kv: KeyValue): Entry
  /** The last state of a deleted key, with the revision of the deletion. */
  deleted(previous: Entry, revision: number): Entry
}

/** `prefix` is as `--etcd-prefix`: `/registry`. */
export function createEtcdCodec(prefix: string, cipher: ValueCipher | undefined): EtcdCodec {
  const root = prefix.replace(/\/+$/, '')
  const rootBytes = Buffer.from(`${root}/`)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const bytes = (key: string): Buffer => Buffer.from(root + key)

  function range(start: string, after?: string): KeyRange {
    const from = bytes(start)
    const isInside = after !== undefined && after >= start
    return { key: isInside ? Buffer.concat([bytes(after), Buffer.from([0])]) : from, range_end: endOf(from) }
  }
  function keyOf(key: Buffer): string | undefined {
    if (key.length < rootBytes.length || !key.subarray(0, rootBytes.length).equals(rootBytes))
      return undefined
    return key.subarray(rootBytes.length - 1).toString()
  }
  return {
    everything: range('/'),
    nothing: { key: bytes('/\u0000'), range_end: bytes('/\u0000\u0000') },
    key: bytes,
    range,
    keyOf,
    value(key, object) {
      const { resourceVersion: _, ...metadata } = object.metadata
      const json = Buffer.from(JSON.stringify({ ...object, metadata }))
      return cipher ? cipher.seal(key, json) : json
    },
    entryOf(kv) {
      const key = keyOf(kv.key) ?? kv.key.toString()
      const value = cipher ? cipher.open(key, kv.value) : kv.value
      const version = { key, revision: kv.mod_revision, createRevision: kv.create_revision }
      return entryOfObject(version, parseObject(key, value, decoder))
    },
    deleted: ({ key, createRevision, object }, revision) =>
      entryOfObject({ key, revision, createRevision }, object),
  }
}

function parseObject(
  key: string,
  value: Uint8Array,
  decoder: { decode(value: Uint8Array): string },
): KubeObject {
  let object: KubeObject | undefined
  try {
    object = parseExactJson(decoder.decode(value)) as KubeObject
  } catch (cause) {
    throw new StorageFailureError(`${key} in etcd is not an object that this program stored`, { cause })
  }
  if (typeof object?.metadata !== 'object') throw new StorageFailureError(`${key} in etcd is not an object`)
  return object
}

/** The first key after all that begin with these bytes. */
function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1] = end[end.length - 1]! + 1
  return end
}
