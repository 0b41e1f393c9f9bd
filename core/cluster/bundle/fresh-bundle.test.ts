import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, isFresh, sourcesFile } from './fresh-bundle.ts'

let root: string
let bundle: string
const source = (): string => join(root, 'core/a.ts')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wheelhouse-bundle-'))
  bundle = join(root, 'out')
  mkdirSync(join(root, 'core'))
  mkdirSync(bundle)
  writeFileSync(source(), 'export const a = 1')
  const recorded = { 'core/a.ts': { modifiedMs: statSync(source()).mtimeMs, digest: digestOf(source()) } }
  writeFileSync(join(bundle, sourcesFile), JSON.stringify(recorded))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Writes the source as an editor does: its time is another. */
function edit(content: string): void {
  writeFileSync(source(), content)
  utimesSync(source(), 1_000, 1_000)
}

describe('isFresh', () => {
  it('is true of a bundle whose sources are as recorded', () => {
    expect(isFresh(bundle, root)).toBe(true)
  })

  it('is true when a source was written again with the same content, as git does', () => {
    edit('export const a = 1')
    expect(isFresh(bundle, root)).toBe(true)
  })

  it('is false once a source is another, back to true when the change is undone', () => {
    edit('export const a = 2')
    expect(isFresh(bundle, root)).toBe(false)
    edit('export const a = 1')
    expect(isFresh(bundle, root)).toBe(true)
  })

  it('is false when a source is gone, and where there is no bundle or half a one', () => {
    expect(isFresh(join(root, 'nowhere'), root)).toBe(false)
    writeFileSync(join(bundle, sourcesFile), '{"core/a')
    expect(isFresh(bundle, root)).toBe(false)
    writeFileSync(join(bundle, sourcesFile), '{"core/b.ts":{"modifiedMs":1,"digest":""}}')
    expect(isFresh(bundle, root)).toBe(false)
  })
})
