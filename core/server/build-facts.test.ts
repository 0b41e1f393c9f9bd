import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBuildFacts } from './build-facts.ts'

const hash = 'b0a8e6a4c3d14f6d9a5f1f0f7f3c2d1e0b9a8c7d'

describe('build facts', () => {
  let root: string
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'build-facts-'))))
  afterEach(() => rmSync(root, { recursive: true }))

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  it('find the commit of a branch, also among packed ones, and of a detached head', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n')
    write('.git/refs/heads/main', `${hash}\n`)
    expect(readBuildFacts(root).gitCommit).toBe(hash)
    rmSync(join(root, '.git/refs'), { recursive: true })
    write('.git/packed-refs', `# pack-refs\n${hash} refs/heads/main\n`)
    expect(readBuildFacts(root).gitCommit).toBe(hash)
    write('.git/HEAD', `${hash}\n`)
    expect(readBuildFacts(root).gitCommit).toBe(hash)
  })

  it('find that of a worktree', () => {
    write('.git', `gitdir: ${root}/main/.git/worktrees/one\n`)
    write('main/.git/worktrees/one/HEAD', 'ref: refs/heads/one\n')
    write('main/.git/worktrees/one/commondir', '../..\n')
    write('main/.git/refs/heads/one', `${hash}\n`)
    expect(readBuildFacts(root).gitCommit).toBe(hash)
  })

  it('know no commit without a checkout, but when the package came', () => {
    expect(readBuildFacts(root)).toEqual({ gitCommit: '', buildDate: '1970-01-01T00:00:00Z' })
    write('package.json', '{}')
    expect(Date.now() - Date.parse(readBuildFacts(root).buildDate)).toBeLessThan(60_000)
  })
})
