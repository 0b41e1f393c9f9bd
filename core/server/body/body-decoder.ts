import type { GroupVersionKind } from '../../api/gvk.ts'
import { apiVersionOf } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { badRequest, unsupportedMediaType } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import { checkData, parseJson } from './json.ts'
import { readBody } from './read-body.ts'
import { parseYaml } from './yaml.ts'

interface DecodedBody {
  value: unknown
  /** What strict decoding would refuse: duplicate keys, unknown protobuf fields. */
  problems: string[]
}

/** Decodes a protobuf body (`k8s\0` and a runtime.Unknown) into JSON data. Throws StatusErrors. */
export type ProtobufDecoder = (bytes: Uint8Array) => DecodedBody

/** Reads request bodies in every media type that is taken. All failures are StatusErrors. */
export interface BodyDecoder {
  /** The body as data; undefined when it is empty. */
  read(exchange: Exchange): Promise<DecodedBody | undefined>
  /** The body, which must not be empty. That it is an object of the right kind is the registry's to check. */
  readObject(exchange: Exchange): Promise<{ object: KubeObject; problems: string[] }>
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
  async function read(exchange: Exchange): Promise<DecodedBody | undefined> {
    const body = await decode(exchange)
    exchange.audit?.requestObject(body?.value)
    return body
  }
  async function decode(exchange: Exchange): Promise<DecodedBody | undefined> {
    const type = contentTypeOf(exchange)
    if (!accepted.includes(type)) throw unsupportedMediaType(accepted)
    const bytes = await readBody(exchange)
    if (bytes.length === 0) return undefined
    if (type === 'application/json') return parseJson(bytes)
    const decoded = type === protobufType ? options.decodeProtobuf(bytes) : parseYaml(bytes.toString())
    checkData(decoded.value)
    return decoded
  }
  return {
    read,
    async readObject(exchange) {
      const body = await read(exchange)
      if (!body) throw badRequest('unexpected end of JSON input: the request body is empty')
      return { object: body.value as KubeObject, problems: body.problems }
    },
  }
}

/** Checks that data is an object of a kind, filling in `kind` and `apiVersion` when they are left out. */
export function asKind(value: unknown, expected: GroupVersionKind): KubeObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`couldn't get version/kind; json: cannot unmarshal ${describe(value)} into an object`)
  }
  const object = value as KubeObject & Record<string, unknown>
  const apiVersion = apiVersionOf(expected)
  if (typeof object.kind !== 'string' && object.kind !== undefined) throw badRequest('kind must be a string')
  if (object.kind && object.kind !== expected.kind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): got kind "${object.kind}" in version "${object.apiVersion ?? apiVersion}"`,
    )
  }
  if (object.apiVersion && object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    )
  }
  const { metadata } = object as { metadata?: unknown }
  if (
    metadata !== undefined &&
    metadata !== null &&
    (typeof metadata !== 'object' || Array.isArray(metadata))
  ) {
    throw badRequest(
      `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: json: cannot unmarshal ${describe(metadata)} into metadata`,
    )
  }
  return {
    ...object,
    apiVersion,
    kind: expected.kind,
    metadata: { ...(metadata as KubeObject['metadata'] | undefined), name: nameOf(metadata) },
  }
}

function nameOf(metadata: unknown): string {
  const name = (metadata as { name?: unknown } | undefined | null)?.name
  return name === undefined || name === null ? '' : (name as string)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
