import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { parseExactJson } from '../../api/exact-json.ts'

/** A document in the forms that it is answered in, each kept compressed: a megabyte or more becomes a tenth. */
export interface KeptDocument {
  /** When it was first asked for, and what `tag` made of its text. */
  readonly lastModified: Date
  readonly tag: string
  json(): Uint8Array
  /** Made of the JSON form when it is first asked for. */
  protobuf(): Promise<Uint8Array>
}

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Keeps a document; the object itself is not held. */
export async function keepDocument<T>(options: {
  document: T
  encode(document: T): Uint8Array
  tag(json: Buffer): string
}): Promise<KeptDocument> {
  const plain = Buffer.from(JSON.stringify(options.document))
  const tag = options.tag(plain)
  const json = await gzipAsync(plain)
  const { encode } = options
  let protobuf: Promise<Uint8Array> | undefined
  async function encodeAgain(): Promise<Uint8Array> {
    const document = parseExactJson((await gunzipAsync(json)).toString()) as T
    return gzipAsync(encode(document))
  }
  return {
    lastModified: new Date(),
    tag,
    json: () => json,
    protobuf: () => (protobuf ??= encodeAgain()),
  }
}
