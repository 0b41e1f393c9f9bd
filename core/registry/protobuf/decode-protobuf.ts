import type { KubeObject } from '../../api/meta.ts'
import { badRequest } from '../../api/status.ts'
import type { ApiFacts } from '../schema/api-facts.ts'
import type { DecodeProblems } from '../schema/duplicate-keys.ts'
import { magic } from './envelope.ts'
import { goNameOfKind } from './go-name-of-kind.ts'
import { MessageDecoder } from './message-decoder.ts'
import { WireError, WireReader } from './wire-reader.ts'

/** A decoded body: the JSON that the client would have sent instead. */
export interface DecodedProtobuf {
  apiVersion: string
  kind: string
  /** The object, with `apiVersion` and `kind`. */
  value: KubeObject
  /** What strict decoding would refuse; protobuf has no names to be unknown, so nothing so far. */
  problems: DecodeProblems
}

/**
 * A decoder of `application/vnd.kubernetes.protobuf` bodies over the generated facts. It throws BadRequest for anything
 * that is not a well-formed message of a known kind, and never reads beyond the bytes it is given.
 */
export function createProtobufDecoder(facts: ApiFacts): (bytes: Uint8Array) => DecodedProtobuf {
  const messages = new MessageDecoder(facts)
  return (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    try {
      return decode(facts, messages, buffer)
    } catch (error) {
      if (error instanceof WireError) throw badRequest(`proto: ${error.message}`)
      throw error
    }
  }
}

function decode(facts: ApiFacts, messages: MessageDecoder, buffer: Buffer): DecodedProtobuf {
  if (!buffer.subarray(0, magic.length).equals(magic)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  const { apiVersion, kind, raw } = readEnvelope(new WireReader(buffer, magic.length))
  const goName = kind ? goNameOfKind(facts, apiVersion, kind) : undefined
  if (!goName)
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  const members = messages.decode(goName, new WireReader(raw))
  const value = { apiVersion, kind, ...members } as unknown as KubeObject
  return { apiVersion, kind, value, problems: { messages: [] } }
}

/** runtime.Unknown: type, raw message, content encoding, content type. */
function readEnvelope(reader: WireReader): { apiVersion: string; kind: string; raw: Buffer } {
  let type = { apiVersion: '', kind: '' }
  let raw = Buffer.alloc(0) as Buffer
  while (!reader.done) {
    const { field, type: wireType } = reader.tag()
    if (field === 1 && wireType === 2) type = readTypeMeta(reader.message())
    else if (field === 2 && wireType === 2) raw = reader.bytes()
    else if (field === 3 && wireType === 2) {
      if (reader.string() !== '') throw new WireError('encoded content is not supported')
    } else reader.skip(wireType)
  }
  return { ...type, raw }
}

function readTypeMeta(reader: WireReader): { apiVersion: string; kind: string } {
  const result = { apiVersion: '', kind: '' }
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 2) result.apiVersion = reader.string()
    else if (field === 2 && type === 2) result.kind = reader.string()
    else reader.skip(type)
  }
  return result
}
