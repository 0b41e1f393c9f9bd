import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Machine {
  platform: NodeJS.Platform
  env: Record<string, string | undefined>
  /** Effective user id; undefined where there is none. */
  uid: number | undefined
}

/**
 * Electron's program, or in words why it cannot be used here. `canFetch`: everything else is there, so that fetching the
 * program would help.
 */
export type FoundElectron = { program: string } | { reason: string; canFetch: boolean }

/**
 * Looks for Electron's program in the installed `electron` package and does not fetch it (asking the package itself for its
 * path would). `ELECTRON_OVERRIDE_DIST_PATH` names another folder, as it does for Electron's own tools.
 */
export function findElectron(packageDirectory: string, machine: Machine): FoundElectron {
  const { platform, env, uid } = machine
  const override = env['ELECTRON_OVERRIDE_DIST_PATH']
  const pathFile = join(packageDirectory, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : executableName(platform)
  const program = join(override ?? join(packageDirectory, 'dist'), name)
  if (platform === 'linux') {
    if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return { reason: 'there is no display', canFetch: false }
    if (uid === 0) return { reason: 'Electron does not run as root', canFetch: false }
  }
  if (!existsSync(program)) {
    return { reason: "Electron's program is not installed", canFetch: override === undefined }
  }
  return { program }
}

function executableName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}
