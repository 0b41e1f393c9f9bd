import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireInstanceLock, LockedError, lockHolder } from './instance-lock.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wheelhouse-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('acquireInstanceLock', () => {
  it('refuses a second holder and names the first', () => {
    const lock = acquireInstanceLock(directory, '2026-01-01T00:00:00Z')
    expect(() => acquireInstanceLock(directory, '2026-01-02T00:00:00Z')).toThrow(LockedError)
    expect(() => acquireInstanceLock(directory, '2026-01-02T00:00:00Z')).toThrow(`process ${process.pid}`)
    lock[Symbol.dispose]()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    acquireInstanceLock(directory, '2026-01-02T00:00:00Z')[Symbol.dispose]()
  })

  it('takes over from a process that is gone', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: dead, startedAt: 'x' }))
    expect(lockHolder(directory)).toBeUndefined()
    acquireInstanceLock(directory, '2026-01-01T00:00:00Z')
    expect(lockHolder(directory)?.pid).toBe(process.pid)
  })

  it('takes over when the pid now belongs to another process', () => {
    writeFileSync(
      join(directory, 'lock'),
      JSON.stringify({ pid: process.pid, startedAt: 'x', processStart: '1' }),
    )
    acquireInstanceLock(directory, '2026-01-01T00:00:00Z')
    expect(lockHolder(directory)?.startedAt).toBe('2026-01-01T00:00:00Z')
  })
})
