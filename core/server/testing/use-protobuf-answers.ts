import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { createProtobufDecoder } from '../../registry/protobuf/decode-protobuf.ts'
import { WireReader } from '../../registry/protobuf/wire-reader.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { startTestServer, type CallOptions, type Reply, type TestServer } from './test-server.ts'

export const protobuf = 'application/vnd.kubernetes.protobuf'

export const decode = createProtobufDecoder(openApiFacts())

export const configMaps = '/api/v1/namespaces/default/configmaps'

/** An API server for a file, asked in protobuf. */
export function useProtobufAnswers() {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
    const configMap = builtInKinds.find(({ kind }) => kind === 'ConfigMap')!
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const
    const names = { plural: 'cats', singular: 'cat' }
    test.registry.setCustomKinds([{ ...configMap, group: 'pets.example.com', kind: 'Cat', names, schema }])
  })
  afterAll(() => test.close())

  /** Calls as client-go does that wants protobuf, and reads the answer. */
  async function call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const headers = { accept: `${protobuf},application/json`, ...options.headers }
    return test.call(method, path, { ...options, headers })
  }
  function read(reply: Reply): KubeObject & Record<string, unknown> {
    expect(reply.headers['content-type']).toBe(protobuf)
    const plain = reply.headers['content-encoding'] === 'gzip' ? gunzipSync(reply.raw) : reply.raw
    return decode(plain).value as KubeObject & Record<string, unknown>
  }
  async function createConfigMap(labels: Record<string, string> = {}): Promise<string> {
    const name = `cm-${randomUUID().slice(0, 8)}`
    const body = { metadata: { name, labels }, data: { a: '1' } }
    expect((await test.call('POST', configMaps, { body })).code).toBe(201)
    return name
  }

  return {
    get test() {
      return test
    },
    call,
    read,
    createConfigMap,
  }
}

/** A frame of a watch as client-go reads it: four bytes of length, a bare WatchEvent, an object in its envelope. */
export function framesOf(bytes: Buffer): { type: string; object: KubeObject }[] {
  const frames = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const event = new WireReader(bytes, at + 4, end)
    let type = ''
    let raw = Buffer.alloc(0) as Buffer
    while (!event.done) {
      if (event.tag().field === 1) type = event.string()
      else {
        const extension = event.message()
        extension.tag()
        raw = extension.bytes()
      }
    }
    frames.push({ type, object: decode(raw).value })
    at = end
  }
  return frames
}
