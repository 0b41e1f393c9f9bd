import type { ListMeta } from '../../api/meta.ts'
import type { ApiFacts } from '../schema/api-facts.ts'
import { envelope, magic } from './envelope.ts'
import { goNameOfKind } from './go-name-of-kind.ts'
import { MessageEncoder } from './message-encoder.ts'
import { WireError, wire } from './wire-reader.ts'
import { tagOf, WireWriter } from './wire-writer.ts'

/** An object, or a document such as a Status, that says what it is. Only APIVersions has no `apiVersion`. */
export interface Typed {
  kind?: string
  apiVersion?: string
}

/** The items of a list and what comes around them. */
export interface ListEncoder {
  /** What an item takes in the list, in place: gone with the next use of any encoder. */
  item(object: object): Buffer
  /** How many bytes that is; remembered, so objects must never change. */
  lengthOf(object: object): number
  /** All that stands in front of items of so many bytes. */
  head(metadata: ListMeta, itemBytes: number): Buffer
  /** All that stands behind them. */
  readonly tail: Buffer
}

/**
 * Writes `application/vnd.kubernetes.protobuf` for everything built in, byte by byte as upstream (apimachinery
 * runtime/serializer/protobuf). Throws WireError for kinds that the facts do not have.
 */
export interface ProtobufEncoder {
  /** `k8s\0` and the object in a runtime.Unknown. */
  object(object: Typed): Buffer
  list(list: Typed, itemKind: string): ListEncoder
  /** A frame of a watch: four bytes of length, and a WatchEvent, which has no envelope; the object in it has. */
  watchEvent(type: string, object: Typed): Buffer
}

const rawTag = tagOf(envelope.raw, wire.bytes)
/** Content encoding and content type, both empty. */
const envelopeEnd = Buffer.from([
  tagOf(envelope.contentEncoding, wire.bytes),
  0,
  tagOf(envelope.contentType, wire.bytes),
  0,
])
/** WatchEvent's `type`, its `object`, and the `raw` of that RawExtension. */
const event = { type: tagOf(1, wire.bytes), object: tagOf(2, wire.bytes), raw: tagOf(1, wire.bytes) }
const list = { metadata: tagOf(1, wire.bytes), items: tagOf(2, wire.bytes) }
const listMeta = 'k8s.io/apimachinery/pkg/apis/meta/v1.ListMeta'

/** Creates the encoder over the generated facts, which are read at first use. */
export function createProtobufEncoder(facts: ApiFacts): ProtobufEncoder {
  const messages = new MessageEncoder(facts)
  const writer = new WireWriter()
  const goNames = new Map<string, string>()
  /** By the struct that items are written as. */
  const lengths = new Map<string, WeakMap<object, number>>()

  function goNameOf({ apiVersion = '', kind = '' }: Typed): string {
    const key = `${apiVersion}/${kind}`
    const known = goNames.get(key)
    if (known) return known
    const found = goNameOfKind(facts, apiVersion, kind)
    if (!found) throw new WireError(`no protobuf for kind ${kind} of ${apiVersion}`)
    goNames.set(key, found)
    return found
  }
  function writeObject(object: Typed): void {
    writer.raw(envelopeEnd)
    const content = writer.length
    messages.write(writer, goNameOf(object), object)
    writer.wrap(rawTag, content)
    writeType(writer, object)
  }
  function finish(): Buffer {
    const bytes = Buffer.from(writer.view())
    writer.reset()
    return bytes
  }

  return {
    object(object) {
      writer.reset()
      writeObject(object)
      return finish()
    },
    list(typed, itemKind) {
      const goName = goNameOf({ ...typed, kind: itemKind })
      let known = lengths.get(goName)
      if (!known) lengths.set(goName, (known = new WeakMap()))
      const item = (object: object): Buffer => {
        writer.reset()
        messages.write(writer, goName, object)
        writer.wrap(list.items, 0)
        known.set(object, writer.length)
        return writer.view()
      }
      return {
        item,
        lengthOf: (object) => known.get(object) ?? item(object).length,
        head(metadata, itemBytes) {
          writer.reset()
          messages.write(writer, listMeta, metadata)
          writer.wrap(list.metadata, 0)
          writer.uint(writer.length + itemBytes)
          writer.uint(rawTag)
          writeType(writer, typed)
          return finish()
        },
        tail: envelopeEnd,
      }
    },
    watchEvent(type, object) {
      writer.reset()
      writeObject(object)
      writer.wrap(event.raw, 0)
      writer.wrap(event.object, 0)
      writer.string(type)
      writer.uint(event.type)
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32BE(writer.length)
      writer.raw(length)
      return finish()
    },
  }
}

/** The magic bytes and the TypeMeta. */
function writeType(writer: WireWriter, { apiVersion = '', kind = '' }: Typed): void {
  const before = writer.length
  writer.string(kind)
  writer.uint(tagOf(envelope.kind, wire.bytes))
  writer.string(apiVersion)
  writer.uint(tagOf(envelope.apiVersion, wire.bytes))
  writer.wrap(tagOf(envelope.typeMeta, wire.bytes), before)
  writer.raw(magic)
}
