import type { KubeObject } from '../../api/meta.ts'
import { badRequest, unsupportedMediaType } from '../../api/status.ts'
import { parseError, typeProblem } from '../../registry/schema/type-problem.ts'
import { goKind } from '../../util/go-kind.ts'
import { Stint } from '../../util/stint.ts'
import type { DecodeProblems } from '../../registry/schema/duplicate-keys.ts'
import type { Exchange } from '../exchange.ts'
import { checkData, parseJson } from './json.ts'
import { MalformedBody } from './malformed-body.ts'
import { readBody } from './read-body.ts'
import { parseYamlAside } from './yaml-thread.ts'

interface DecodedBody {
  value: unknown
  /** What strict decoding would refuse: duplicate keys, unknown protobuf fields. */
  problems: DecodeProblems
}

/** Decodes a protobuf body (`k8s\0` and a runtime.Unknown) into JSON data. Throws StatusErrors. */
export type ProtobufDecoder = (bytes: Uint8Array) => DecodedBody

/** What a body should be. */
export interface ExpectedBody {
  /** Asked for the refusal. */
  kind(): string
  /** Whether a body must say what it is: upstream decodes custom resources without a type to fall back on. */
  saysKind: boolean
}

/** Reads request bodies in every media type that is taken. All failures are StatusErrors. */
export interface BodyDecoder {
  /** The body as data; undefined when it is empty. */
  read(exchange: Exchange): Promise<DecodedBody | undefined>
  /**
   * The body, which must be an object that may say its kind and apiVersion as texts; that it is one of the right kind is the registry's
   * to check.
   */
  readObject(
    exchange: Exchange,
    expected: ExpectedBody,
  ): Promise<{ object: KubeObject; problems: DecodeProblems }>
}

const protobufType = 'application/vnd.kubernetes.protobuf'
const accepted = ['application/json', 'application/yaml', protobufType]

/** The media type of a request body, lower case and without parameters; JSON when none is named. */
export function contentTypeOf(exchange: Exchange): string {
  const header = exchange.header('content-type') ?? ''
  return header.split(';')[0]!.trim().toLowerCase() || 'application/json'
}

/** Creates the decoder. */
export function createBodyDecoder(options: { decodeProtobuf: ProtobufDecoder }): BodyDecoder {
  async function receive(exchange: Exchange): Promise<{ type: string; bytes: Buffer }> {
    const type = contentTypeOf(exchange)
    if (!accepted.includes(type)) throw unsupportedMediaType(accepted)
    return { type, bytes: await readBody(exchange) }
  }
  async function decode(exchange: Exchange, type: string, bytes: Buffer): Promise<DecodedBody> {
    const stint = new Stint()
    const decoded =
      type === 'application/json'
        ? parseJson(bytes)
        : type === protobufType
          ? options.decodeProtobuf(bytes)
          : await parseYamlAside(bytes.toString())
    if (type !== 'application/json') checkData(decoded.value)
    exchange.audit?.requestObject(decoded.value)
    if (stint.isLong) await stint.rest()
    return decoded
  }
  return {
    async read(exchange) {
      const { type, bytes } = await receive(exchange)
      if (bytes.length === 0) {
        exchange.audit?.requestObject(undefined)
        return undefined
      }
      try {
        return await decode(exchange, type, bytes)
      } catch (error) {
        throw error instanceof MalformedBody ? badRequest(whyMalformed(type, error)) : error
      }
    },
    async readObject(exchange, { kind, saysKind }) {
      const { type, bytes } = await receive(exchange)
      const refuse = (why: string): never => {
        const form = `(must be of type ${kind()})`
        throw badRequest(`the object provided is unrecognized ${form}: ${why} (${summaryOf(bytes)})`)
      }
      try {
        const { value, problems } = await decode(exchange, type, bytes)
        if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
          return refuse(
            `${parseError}json: cannot unmarshal ${goKind(value)} into Go value of type ${typeStruct}`,
          )
        }
        const object = (value ?? {}) as KubeObject
        const problem = typeProblem(object)
        if (problem) return refuse(problem)
        if (saysKind && !object.kind) return refuse(`Object 'Kind' is missing in '${bytes.toString()}'`)
        return { object, problems }
      } catch (error) {
        if (error instanceof MalformedBody) return refuse(whyMalformed(type, error))
        throw error
      }
    },
  }
}

/** What upstream reads a body's type into. */
const typeStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
/** How much of a body a refusal shows, in bytes (upstream: handlers.summarizeData). */
const shownBytes = 30

function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const shown = bytes.subarray(0, shownBytes)
  const text = bytes[0] === 0x7b ? shown.toString() : shown.toString('hex')
  return bytes.length > shownBytes ? `${text} ...` : text
}

function whyMalformed(type: string, { message }: MalformedBody): string {
  return type === 'application/json' ? parseError + message : message
}
