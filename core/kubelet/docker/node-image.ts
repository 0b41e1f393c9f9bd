import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import type { Pack } from 'tar-stream'
import type { Logger } from '../../util/logger.ts'
import { findRootfsParts, packRootfs } from './node-image-rootfs.ts'

/**
 * What a sandbox runs (also the image's own command): holds the namespaces, reaps orphans, ends at once on SIGTERM.
 * A sandbox needs no capabilities: start it with `CapDrop: ['ALL']`. The agent may enter only processes whose
 * capabilities are no more than its own, so that it can never be pointed at a process of the host by mistake.
 */
export const sandboxCommand: readonly string[] = ['/sbin/pause']

/** Raise it when the way the image is assembled changes; it is part of the tag. */
const recipe = '1'

export interface NodeImageOptions {
  docker: Docker
  /** Where `images/node/` (Dockerfile, pause) and perhaps `images/node.tar[.gz]` lie. */
  resourcesDirectory: string
  log: Logger
}

/**
 * Makes sure the engine has the node image and gives back its name, `wheelhouse/node:<hash of its sources>`. Takes the first way that works: already
 * there; a packaged tarball; assembled from this machine's busybox and nft (no network needed); built from the
 * Dockerfile. Rejects with one error that says what to install.
 */
export async function ensureNodeImage(options: NodeImageOptions): Promise<string> {
  const { docker, resourcesDirectory, log } = options
  const sources = await readSources(join(resourcesDirectory, 'images/node'))
  const tag = createHash('sha256')
    .update(recipe)
    .update(sources.dockerfile)
    .update(sources.pause)
    .digest('hex')
  const image = `wheelhouse/node:${tag.slice(0, 12)}`
  if (await isPresent(docker, image)) return image

  const failures: string[] = []
  for (const way of [loadTarball, assemble, build]) {
    try {
      await way({ docker, image, sources, resourcesDirectory })
      if (await isPresent(docker, image)) {
        log.info('node image ready', { image, way: way.name })
        return image
      }
      failures.push(`${way.name}: it did not give ${image}`)
    } catch (error) {
      failures.push(`${way.name}: ${(error as Error).message}`)
    }
  }
  throw new Error(
    `cannot make the node image ${image}. Install busybox and nft (Debian: apt-get install busybox-static nftables) ` +
      `or let Docker reach a registry. Tried: ${failures.join('; ')}`,
  )
}

interface Sources {
  dockerfile: string
  pause: string
}

interface Making {
  docker: Docker
  image: string
  sources: Sources
  resourcesDirectory: string
}

async function readSources(directory: string): Promise<Sources> {
  const [dockerfile, pause] = await Promise.all([
    readFile(join(directory, 'Dockerfile'), 'utf8'),
    readFile(join(directory, 'pause'), 'utf8'),
  ])
  return { dockerfile, pause }
}

async function isPresent(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect()
    return true
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false
    throw error
  }
}

async function loadTarball({ docker, resourcesDirectory }: Making): Promise<void> {
  for (const name of ['node.tar', 'node.tar.gz']) {
    const file = join(resourcesDirectory, 'images', name)
    try {
      await access(file)
    } catch {
      continue
    }
    await finish(await docker.loadImage(createReadStream(file)))
    return
  }
  throw new Error('no tarball is packaged')
}

async function assemble({ docker, image, sources }: Making): Promise<void> {
  const { Os, Arch } = await docker.version()
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  if (Os !== process.platform || Arch !== architecture) {
    throw new Error(
      `programs of ${process.platform}/${architecture} do not run on an engine of ${Os}/${Arch}`,
    )
  }
  const parts = await findRootfsParts()
  if ('missing' in parts) throw new Error(`this machine lacks ${parts.missing}`)
  const rootfs = await packRootfs(parts, sources.pause)
  const [repo, tag] = image.split(':')
  const changes = [
    `CMD ${JSON.stringify(sandboxCommand)}`,
    'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'LABEL io.wheelhouse.image=node',
  ]
  // dockerode takes a stream and gives a promise here; its types know only file names and callbacks.
  const importImage = docker.importImage.bind(docker) as unknown as (
    rootfs: Pack,
    options: object,
  ) => Promise<NodeJS.ReadableStream>
  await finish(await importImage(rootfs, { repo, tag, changes }))
}

async function build({ docker, image, sources }: Making): Promise<void> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, sources.dockerfile)
  context.entry({ name: 'pause', mode: 0o755 }, sources.pause)
  context.finalize()
  // Pack is a stream; its types come from another package than the one dockerode's types know.
  const stream = context as unknown as NodeJS.ReadableStream
  await finish(
    await docker.buildImage(stream, { t: image, labels: { 'io.wheelhouse.image': 'node' }, forcerm: true }),
  )
}

/** Reads a progress stream of the engine to its end; rejects with the error it reports. */
async function finish(progress: NodeJS.ReadableStream): Promise<void> {
  let text = ''
  for await (const chunk of progress as Readable) text += String(chunk)
  const error = /"error":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  if (error !== undefined) throw new Error(JSON.parse(`"${error}"`) as string)
}
