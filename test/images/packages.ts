import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian packages as files, downloaded once into a folder. They are unpacked, never installed. */
export class PackageCache {
  readonly #directory: string
  #listsUpdated = false

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Unpacks packages into `root`, without running their scripts. */
  async unpack(names: string[], root: string): Promise<void> {
    for (const name of names) await run('dpkg-deb', ['--extract', await this.#fileOf(name), root])
  }

  async #fileOf(name: string): Promise<string> {
    const directory = join(this.#directory, name)
    await mkdir(directory, { recursive: true })
    const [found] = (await readdir(directory)).filter((file) => file.endsWith('.deb'))
    if (found) return join(directory, found)
    try {
      await this.#download(name, directory)
    } catch (error) {
      if (this.#listsUpdated) throw error
      // Package lists that are missing, or so old that the version they name is gone.
      await run('apt-get', ['update'], { maxBuffer: 2 ** 26 })
      this.#listsUpdated = true
      await this.#download(name, directory)
    }
    return this.#fileOf(name)
  }

  async #download(name: string, directory: string): Promise<void> {
    // apt drops its rights for downloads where it can; /tmp is open to that user.
    const temporary = join('/tmp', `wheelhouse-packages-${process.pid}`)
    await mkdir(temporary, { recursive: true, mode: 0o777 })
    try {
      await run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', name], { cwd: temporary })
      await cp(temporary, directory, { recursive: true })
    } finally {
      await rm(temporary, { recursive: true })
    }
  }
}
