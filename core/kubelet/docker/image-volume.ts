import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { extract, pack } from 'tar-stream'
import type { EngineCall } from './engine-call.ts'
import { label } from './labels.ts'
import type { Owner } from './labels.ts'

/** What the engine puts into every container of its own accord, empty, and what thus is not the image's. */
const made = new Set([
  '.dockerenv',
  'dev/console',
  'etc/hosts',
  'etc/hostname',
  'etc/resolv.conf',
  'etc/mtab',
])

/**
 * Copies the file system of an image into a directory of a container that does not run yet. Engines before 28 cannot mount an
 * image; this way needs no more than a container of it that never runs.
 */
export async function copyImage(
  engine: { docker: Docker; call: EngineCall; owner: Owner },
  image: string,
  target: { container: Docker.Container; path: string },
): Promise<void> {
  const { docker, call, owner } = engine
  const source = await call('VolumeError', () =>
    docker.createContainer({
      Image: image,
      Entrypoint: ['/bin/true'],
      Cmd: [],
      Labels: { [label.cluster]: owner.clusterId, [label.node]: owner.nodeName },
      HostConfig: { NetworkMode: 'none' },
    }),
  )
  try {
    const exported = (await call('VolumeError', () => source.export())) as unknown as Readable
    const files = withoutMade(exported)
    await call('VolumeError', () => target.container.putArchive(files, { path: target.path }))
  } finally {
    await call('RemoveContainerError', () => source.remove({ force: true, v: true }))
  }
}

/** The archive without the engine's own empty files. */
function withoutMade(archive: Readable): NodeJS.ReadableStream {
  const reader = extract()
  const writer = pack()
  reader.on('entry', (header, content, next) => {
    if (made.has(header.name) && !header.size) {
      content.resume()
      content.on('end', next)
      return
    }
    content.pipe(writer.entry(header, next))
  })
  reader.on('finish', () => writer.finalize())
  for (const stream of [archive, reader]) stream.on('error', (error: Error) => writer.destroy(error))
  archive.pipe(reader)
  return writer as unknown as NodeJS.ReadableStream
}
