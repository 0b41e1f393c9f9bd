import type Docker from 'dockerode'
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { engineStatus } from './docker-errors.ts'
import type { EngineCall } from './engine-call.ts'

/** The last `longest` bytes of a file in a container, running or not; empty when it has none of that path. */
export async function readContainerFile(
  { docker, call }: { docker: Docker; call: EngineCall },
  { id, path, longest }: { id: string; path: string; longest: number },
): Promise<Buffer> {
  let archive: NodeJS.ReadableStream
  try {
    archive = await call('ReadFileError', () => docker.getContainer(id).getArchive({ path }))
  } catch (error) {
    if (engineStatus((error as Error).cause) === 404) return Buffer.alloc(0)
    throw error
  }
  const entries = extract()
  const source = Readable.from(archive)
  source.once('error', (error) => entries.destroy(error))
  source.pipe(entries)
  let content = Buffer.alloc(0)
  for await (const entry of entries) {
    for await (const chunk of entry) content = Buffer.concat([content, chunk as Buffer]).subarray(-longest)
  }
  return content
}
