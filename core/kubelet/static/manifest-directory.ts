import { watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'

/** What lies in the directory: the pods by file name, and what could not be read. */
export interface Manifests {
  pods: Map<string, Pod>
  problems: Map<string, string>
}

interface ManifestDirectoryOptions {
  directory: string
  /** A pod with its defaults from the text of a manifest. Throws an error that says what is wrong. */
  decode: (text: string) => Pod
  clock: Clock
  onChange: (manifests: Manifests) => void
}

/** Where the file system tells of no changes, this often (upstream: fileCheckFrequency). */
const readPeriodMs = 20_000
/** An editor writes in several steps. */
const settleMs = 200

/**
 * Follows a directory of manifests, one pod in each file; sub-directories and names that begin with a dot are passed over
 * (upstream: kubelet/config/file.go). The directory may come and go. Resolves after the first reading.
 */
export async function followManifests(options: ManifestDirectoryOptions): Promise<Disposable> {
  const { directory, clock } = options
  let last = ''
  let reading: Promise<void> = Promise.resolve()
  let settling: Disposable | undefined
  let watcher: Disposable | undefined
  let disposed = false

  async function read(): Promise<void> {
    const texts = await readTexts(directory)
    const fingerprint = JSON.stringify([...texts])
    if (disposed || fingerprint === last) return
    last = fingerprint
    options.onChange(decodeAll(texts, options.decode))
  }

  function readSoon(): void {
    settling?.[Symbol.dispose]()
    settling = clock.after(settleMs, () => {
      reading = reading.then(read)
    })
  }

  /** A watch ends with its directory; the next reading begins another. */
  function follow(): void {
    if (watcher || disposed) return
    try {
      const started = watch(directory, { persistent: false }, readSoon)
      const end = (): void => {
        started.close()
        watcher = undefined
      }
      started.on('error', end)
      watcher = { [Symbol.dispose]: end }
    } catch {
      // Not there (yet).
    }
  }

  follow()
  await read()
  const timer = clock.every(readPeriodMs, () => {
    follow()
    reading = reading.then(read)
  })
  return {
    [Symbol.dispose]() {
      disposed = true
      timer[Symbol.dispose]()
      settling?.[Symbol.dispose]()
      watcher?.[Symbol.dispose]()
    },
  }
}

async function readTexts(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
  const texts = new Map<string, string>()
  for (const { name } of names.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    // One that vanished meanwhile is not there.
    const text = await readFile(join(directory, name), 'utf8').catch(() => undefined)
    if (text !== undefined) texts.set(name, text)
  }
  return texts
}

function decodeAll(texts: Map<string, string>, decode: (text: string) => Pod): Manifests {
  const manifests: Manifests = { pods: new Map(), problems: new Map() }
  for (const [file, text] of texts) {
    try {
      manifests.pods.set(file, decode(text))
    } catch (error) {
      manifests.problems.set(file, (error as Error).message)
    }
  }
  return manifests
}
