import { execFile } from 'node:child_process'
import { access, constants, readFile, realpath } from 'node:fs/promises'
import { promisify } from 'node:util'
import { pack } from 'tar-stream'
import type { Pack } from 'tar-stream'

const run = promisify(execFile)

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The busybox applets that the sandbox and the node agent call. */
const neededApplets = [
  'sh',
  'nsenter',
  'nc',
  'tar',
  'base64',
  'sleep',
  'ip',
  'mv',
  'chmod',
  'mkdir',
  'head',
  'kill',
  'realpath',
  'stat',
  'find',
  'chgrp',
]

/** What the assembled image is made of; every path is a file on this machine. */
export interface RootfsParts {
  busybox: string
  applets: string[]
  /** Path in the image by name; `conntrack` is there only when the machine has it. */
  tools: { nft: string; conntrack?: string }
}

/** Looks for busybox and nft on this machine. Gives back what is missing, in words a user can act on, when they are not there. */
export async function findRootfsParts(): Promise<RootfsParts | { missing: string }> {
  const [busybox, nft, conntrack] = await Promise.all(['busybox', 'nft', 'conntrack'].map(findProgram))
  if (!busybox) return { missing: 'busybox (Debian: apt-get install busybox-static)' }
  if (!nft) return { missing: 'nft (Debian: apt-get install nftables)' }
  const { stdout } = await run(busybox, ['--list'])
  const applets = stdout.split('\n').filter((applet) => applet !== '')
  const lacking = neededApplets.filter((applet) => !applets.includes(applet))
  if (lacking.length > 0) {
    return { missing: `a busybox with ${lacking.join(', ')} (Debian: apt-get install busybox-static)` }
  }
  return { busybox, applets, tools: conntrack ? { nft, conntrack } : { nft } }
}

/** A tar stream of the image's root file system: busybox with its applets, nft, conntrack and the libraries they load. */
export async function packRootfs(parts: RootfsParts, pause: string): Promise<Pack> {
  const files = new Map<string, string>([['/bin/busybox', parts.busybox]])
  for (const [name, program] of Object.entries(parts.tools)) files.set(`/sbin/${name}`, program)
  for (const program of [...files.values()]) {
    for (const library of await librariesOf(program)) files.set(library, library)
  }
  const tar = pack()
  for (const directory of directoriesOf(files.keys())) addDirectory(tar, directory)
  for (const directory of ['/proc', '/sys', '/dev', '/etc', '/run', '/var']) addDirectory(tar, directory)
  addDirectory(tar, '/tmp', 0o1777)
  for (const [path, source] of files) {
    tar.entry({ name: `.${path}`, mode: 0o755 }, await readFile(await realpath(source)))
  }
  for (const applet of parts.applets) {
    if (applet !== 'busybox' && applet !== 'linuxrc') {
      tar.entry({ name: `./bin/${applet}`, type: 'symlink', linkname: 'busybox' })
    }
  }
  tar.entry({ name: './sbin/pause', mode: 0o755 }, pause)
  tar.entry({ name: './etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  tar.entry({ name: './etc/group' }, 'root:x:0:\nnogroup:x:65534:\n')
  tar.finalize()
  return tar
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of searchPath) {
    const file = `${directory}/${name}`
    try {
      await access(file, constants.X_OK)
      return file
    } catch {
      // not in this directory
    }
  }
  return undefined
}

/** Absolute paths of the shared libraries and the loader of a program; none for a static one. */
async function librariesOf(program: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [program])
    return stdout.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  } catch {
    // ldd exits with 1 for a static program.
    return []
  }
}

function directoriesOf(files: Iterable<string>): string[] {
  const directories = new Set<string>(['/bin', '/sbin'])
  for (const file of files) {
    const parts = file.split('/').slice(1, -1)
    parts.forEach((_, index) => directories.add(`/${parts.slice(0, index + 1).join('/')}`))
  }
  return [...directories].sort()
}

function addDirectory(tar: Pack, path: string, mode = 0o755): void {
  tar.entry({ name: `.${path}`, type: 'directory', mode })
}
