import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { readFile } from 'node:fs/promises'
import { pack } from 'tar-stream'
import { findRootfsParts } from '../docker/node-image-rootfs.ts'

/** For tests: a registry on a port of this machine that engines pull from without TLS. */
export interface ImageRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string
  /** Stores an image that sleeps, as `repository:tag`; new content each time, so that no engine has its layers. */
  push(repository: string, tag: string): Promise<{ reference: string; digest: string }>
  /** From now on only this user may pull. */
  protect(user: string, password: string): void
  /** Blobs of more than a mebibyte stop half way until `release`. */
  hold(): void
  release(): void
  /** `METHOD path` of all requests that were let in. */
  requests: string[]
}

interface Blob {
  type: string
  content: Buffer
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'
const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
const configType = 'application/vnd.docker.container.image.v1+json'

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

/** The part of the distribution API that a pull needs (github.com/opencontainers/distribution-spec). */
export async function startImageRegistry(): Promise<ImageRegistry> {
  const blobs = new Map<string, Blob>()
  const manifests = new Map<string, Blob>()
  let credentials: string | undefined
  let gate: PromiseWithResolvers<void> | undefined

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
    if (credentials !== undefined && request.headers.authorization !== credentials) {
      response.setHeader('WWW-Authenticate', 'Basic realm="test"')
      send(request, response, failure(401, 'UNAUTHORIZED', 'authentication required'))
      return
    }
    registry.requests.push(`${request.method} ${request.url}`)
    const [, repository, kind, reference] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? []
    if (kind === undefined) {
      send(request, response, { type: 'application/json', content: Buffer.from('{}') })
      return
    }
    const found = kind === 'blobs' ? blobs.get(reference!) : manifests.get(`${repository}@${reference}`)
    if (!found) {
      const code = kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN'
      send(request, response, failure(404, code, `${kind} unknown`))
      return
    }
    response.setHeader('Docker-Content-Digest', digestOf(found.content))
    if (gate && found.content.length > 2 ** 20) {
      response.writeHead(200, { 'Content-Type': found.type, 'Content-Length': found.content.length })
      response.write(found.content.subarray(0, found.content.length / 2))
      await gate.promise
      response.end(found.content.subarray(found.content.length / 2))
      return
    }
    send(request, response, found)
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`

  const registry: ImageRegistry = {
    host,
    requests: [],
    async push(repository, tag) {
      const layers = await Promise.all([
        layerOf(await sleeper()),
        layerOf({ 'data/random': randomBytes(4 << 20) }),
      ])
      for (const { packed } of layers) blobs.set(digestOf(packed), { type: layerType, content: packed })
      const config = Buffer.from(
        JSON.stringify({
          architecture: process.arch === 'x64' ? 'amd64' : process.arch,
          os: 'linux',
          config: { Cmd: ['/bin/sleep', '10000'], Env: ['PATH=/bin'] },
          rootfs: { type: 'layers', diff_ids: layers.map(({ content }) => digestOf(content)) },
        }),
      )
      blobs.set(digestOf(config), { type: configType, content: config })
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: manifestType,
          config: { mediaType: configType, size: config.length, digest: digestOf(config) },
          layers: layers.map(({ packed }) => ({
            mediaType: layerType,
            size: packed.length,
            digest: digestOf(packed),
          })),
        }),
      )
      const digest = digestOf(manifest)
      for (const name of [tag, digest]) {
        manifests.set(`${repository}@${name}`, { type: manifestType, content: manifest })
      }
      return { reference: `${host}/${repository}:${tag}`, digest }
    },
    protect(user, password) {
      credentials = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    },
    hold() {
      gate = Promise.withResolvers()
    },
    release() {
      gate?.resolve()
      gate = undefined
    },
    async [Symbol.asyncDispose]() {
      registry.release()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return registry
}

function failure(status: number, code: string, message: string): Blob & { status: number } {
  const content = Buffer.from(JSON.stringify({ errors: [{ code, message }] }))
  return { status, type: 'application/json', content }
}

function send(request: IncomingMessage, response: ServerResponse, blob: Blob & { status?: number }): void {
  const { status = 200, type, content } = blob
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': content.length })
  response.end(request.method === 'HEAD' ? undefined : content)
}

/** Files of an image whose only program is this machine's busybox. */
async function sleeper(): Promise<Record<string, Buffer>> {
  const parts = await findRootfsParts()
  if ('missing' in parts) throw new Error(`this machine lacks ${parts.missing}`)
  return { 'bin/sleep': await readFile(parts.busybox) }
}

async function layerOf(files: Record<string, Buffer>): Promise<{ content: Buffer; packed: Buffer }> {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) archive.entry({ name, mode: 0o755 }, content)
  archive.finalize()
  const content = await buffer(archive)
  return { content, packed: gzipSync(content, { level: 1 }) }
}
