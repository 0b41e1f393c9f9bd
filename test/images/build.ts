import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { testImages } from './catalog.ts'
import type { TestImage } from './catalog.ts'
import { PackageCache } from './packages.ts'

/**
 * Builds the images of the catalogue that the engine does not have yet in their present form. Run as root on Debian:
 * `node test/images/build.ts`. Says what it did, one line per image.
 */

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const label = 'io.wheelhouse.test-image'
/** Raise it when the way images are put together changes. */
const recipe = 2

function hashOf(image: TestImage): string {
  return createHash('sha256').update(JSON.stringify({ recipe, image })).digest('hex').slice(0, 16)
}

async function isUpToDate(docker: Docker, image: TestImage): Promise<boolean> {
  for (const tag of image.tags) {
    try {
      const { Config } = await docker.getImage(tag).inspect()
      if (Config.Labels?.[label] !== hashOf(image)) return false
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false
      throw error
    }
  }
  return true
}

async function build(docker: Docker, image: TestImage, packages: PackageCache): Promise<void> {
  const rootfs = await mkdtemp(join(tmpdir(), 'wheelhouse-image-'))
  try {
    await packages.unpack(image.packages, rootfs)
    await trim(rootfs)
    await addApplets(rootfs)
    for (const [path, content] of Object.entries(image.files)) {
      const file = join(rootfs, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      if (path.endsWith('.sh')) await chmod(file, 0o755)
    }
    for (const [path, target] of Object.entries(image.links ?? {})) {
      await mkdir(dirname(join(rootfs, path)), { recursive: true })
      await rm(join(rootfs, path), { force: true })
      await symlink(target, join(rootfs, path))
    }
    await chmod(rootfs, 0o755)
    await importRootfs(docker, image, rootfs)
  } finally {
    await rm(rootfs, { recursive: true, force: true })
  }
}

/** What no test looks at makes up most of the size. */
async function trim(rootfs: string): Promise<void> {
  const unused = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/lintian', 'lib/systemd']
  for (const path of unused) await rm(join(rootfs, path), { recursive: true, force: true })
  await run('sh', ['-c', 'rm -rf usr/lib/*/gconv'], { cwd: rootfs })
  for (const path of ['proc', 'sys', 'dev', 'run', 'root', 'var/run', 'var/lib/nginx']) {
    await mkdir(join(rootfs, path), { recursive: true })
  }
  await mkdir(join(rootfs, 'tmp'), { recursive: true })
  await chmod(join(rootfs, 'tmp'), 0o1777)
}

/** A link for every busybox applet that no package brought as a program. */
async function addApplets(rootfs: string): Promise<void> {
  const { stdout } = await run('chroot', [rootfs, '/bin/busybox', '--list-full'])
  for (const applet of stdout.split('\n').filter((line) => line !== '')) {
    const file = join(rootfs, applet)
    await mkdir(dirname(file), { recursive: true })
    const exists = await lstat(file).then(
      () => true,
      () => false,
    )
    if (!exists) await symlink('/bin/busybox', file)
  }
}

async function importRootfs(docker: Docker, image: TestImage, rootfs: string): Promise<void> {
  const tar = spawn('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', rootfs, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const importImage = docker.importImage.bind(docker) as unknown as (
    content: Readable,
    options: object,
  ) => Promise<Readable>
  const [first = '', ...others] = image.tags
  const changes = [...image.changes, `LABEL ${label}=${hashOf(image)}`]
  const { repo, tag } = split(first)
  let progress = ''
  for await (const chunk of await importImage(tar.stdout, { repo, tag, changes })) progress += String(chunk)
  if (progress.includes('"error"')) throw new Error(`${first}: ${progress}`)
  for (const other of others) await docker.getImage(first).tag(split(other))
}

function split(name: string): { repo: string; tag: string } {
  const [repo = '', tag = 'latest'] = name.split(':')
  return { repo, tag }
}

const docker = new Docker()
const packages = new PackageCache(join(root, 'out/test-packages'))
for (const image of testImages) {
  const started = performance.now()
  const present = await isUpToDate(docker, image)
  if (!present) await build(docker, image, packages)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${image.tags.join(', ')}: ${present ? 'up to date' : `built in ${seconds} s`}\n`)
}
