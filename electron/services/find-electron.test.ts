import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findElectron } from './find-electron.ts'

let directory = ''
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wheelhouse-electron-'))))
afterEach(() => rmSync(directory, { recursive: true }))

const desk = { platform: 'linux' as const, env: { DISPLAY: ':0' }, uid: 1000 }

function install(into: string): string {
  mkdirSync(into, { recursive: true })
  writeFileSync(join(into, 'electron'), '')
  return join(into, 'electron')
}

describe('findElectron', () => {
  it('finds the program in the package or where it was put instead', () => {
    expect(findElectron(directory, desk)).toEqual({
      reason: "Electron's program is not installed",
      canFetch: true,
    })
    const program = install(join(directory, 'dist'))
    expect(findElectron(directory, desk)).toEqual({ program })
    const other = install(join(directory, 'elsewhere'))
    const env = { ...desk.env, ELECTRON_OVERRIDE_DIST_PATH: join(directory, 'elsewhere') }
    expect(findElectron(directory, { ...desk, env })).toEqual({ program: other })
  })

  it('says why it cannot be used', () => {
    install(join(directory, 'dist'))
    expect(findElectron(directory, { ...desk, env: {} })).toEqual({
      reason: 'there is no display',
      canFetch: false,
    })
    expect(findElectron(directory, { ...desk, uid: 0 })).toEqual({
      reason: 'Electron does not run as root',
      canFetch: false,
    })
    expect(findElectron(directory, { ...desk, env: { WAYLAND_DISPLAY: 'w' } })).toHaveProperty('program')
  })
})
