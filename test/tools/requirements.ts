import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What some tests need of the machine, and what to do where it is missing. */
export interface Requirements {
  docker: boolean
  chromium: boolean
  /** One line per missing thing. */
  notes: string[]
}

const images = ['busybox:latest', 'nginx:1.25', 'nginx:1.27']

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0
}

/** Ends the process, saying why in one line, where no Docker engine answers: a benchmark would wait for it in vain. */
export function requireDocker(): void {
  if (!succeeds('docker', 'info')) exitWith('this needs Docker, and no engine answers ("docker info")')
}

/** As requireDocker, and where the images that the tests' pods run are not built. */
export function requireTestImages(): void {
  requireDocker()
  if (!succeeds('docker', 'image', 'inspect', ...images))
    exitWith('build the images that its pods run first: "npm run images:test"')
}

function exitWith(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

/** Looks for Docker, the test images and Chromium. */
export function findRequirements(): Requirements {
  const notes: string[] = []
  const engine = succeeds('docker', 'info')
  const hasImages = engine && succeeds('docker', 'image', 'inspect', ...images)
  if (!engine) notes.push('skipping the docker and e2e tests: no Docker engine answers ("docker info")')
  else if (!hasImages)
    notes.push('skipping the docker and e2e tests: build their images with "npm run images:test"')
  const chromium = existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium')
  if (!chromium) notes.push('skipping the page tests: no Chromium at /usr/bin/chromium (or $CHROMIUM)')
  return { docker: hasImages, chromium, notes }
}
