import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from 'vite'
import { isFresh } from './fresh-bundle.ts'
import { keepSourcePlaces } from './keep-source-places.ts'
import { lineMaps } from './line-maps.ts'
import { oneByte } from './one-byte.ts'
import { recordSources } from './record-sources.ts'
import { spareUndici } from './spare-undici.ts'

/** A project with a resource, a worker and a function that fails. */
const files = {
  'package-lock.json': '{}',
  'core/data/words.json': '["found"]',
  'core/deep/main.ts': `
    import { readFileSync } from 'node:fs'
    import { join } from 'node:path'
    import { once } from 'node:events'
    import { STATUS_CODES } from 'node:http'
    import { Worker } from 'node:worker_threads'
    import { fail } from '../fail.ts'
    export const words: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../data/words.json'), 'utf8'))
    export const characters = ['…', 'é', '😀', /^[−－]$/u.test('−'), Object.keys({ µs: 1 })[0]]
    export const answer = async (): Promise<unknown> => (await once(new Worker(new URL('./echo-worker.ts', import.meta.url)), 'message'))[0]
    export const notFound = STATUS_CODES[404]
    export { fail }`,
  'core/deep/echo-worker.ts': `
    import { parentPort } from 'node:worker_threads'
    const text: string = 'from the worker'
    parentPort!.postMessage(text)`,
  'core/fail.ts': `interface Nothing {}

    /** Fails. */
    export function fail(): Nothing {
      throw new RangeError('on purpose')
    }`,
}
let root: string
let output: string

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'wheelhouse-bundle-')))
  output = join(root, 'out/built')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  await build({
    configFile: false,
    root,
    logLevel: 'silent',
    plugins: [keepSourcePlaces(root), spareUndici(), oneByte(), lineMaps(), recordSources(root)],
    build: {
      ssr: true,
      sourcemap: true,
      outDir: 'out/built',
      rolldownOptions: { input: join(root, 'core/deep/main.ts'), output: { entryFileNames: '[name].js' } },
    },
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Runs `code` with the bundle as `bundle` in a process of its own, and gives what it prints as JSON. */
async function inProcess(code: string): Promise<unknown> {
  const positions = pathToFileURL(join(import.meta.dirname, 'source-positions.ts')).href
  const built = pathToFileURL(output).href
  const program = `
    import { showSourcePositions } from '${positions}'
    showSourcePositions('${built}/')
    const bundle = await import('${built}/main.js')
    ${code}`
  const file = join(root, 'program.mjs')
  writeFileSync(file, program)
  const { stdout } = await promisify(execFile)(process.execPath, [file])
  return JSON.parse(stdout) as unknown
}

describe('a bundle', () => {
  it('finds resources and workers of the sources', async () => {
    expect(await inProcess('console.log(JSON.stringify([bundle.words, await bundle.answer()]))')).toEqual([
      ['found'],
      'from the worker',
    ])
  })

  it('is ASCII, and means the same', async () => {
    expect(readFileSync(join(output, 'main.js')).every((byte) => byte < 0x80)).toBe(true)
    expect(await inProcess('console.log(JSON.stringify(bundle.characters))')).toEqual([
      '…',
      'é',
      '😀',
      true,
      'µs',
    ])
  })

  it('uses node:http and does not load undici', async () => {
    const code = `const isLoaded = process.moduleLoadList.some((name) => name.includes('undici'))
      console.log(JSON.stringify([bundle.notFound, isLoaded]))`
    expect(await inProcess(code)).toEqual(['Not Found', false])
  })

  it('names the sources in stack traces', async () => {
    const stack = await inProcess('try { bundle.fail() } catch (e) { console.log(JSON.stringify(e.stack)) }')
    const [message, first] = String(stack).split('\n')
    expect(message).toBe('RangeError: on purpose')
    expect(first).toMatch(/^ {4}at (Module\.)?fail \(/)
    expect(first).toContain(`${join(root, 'core/fail.ts')}:5:`)
  })

  it('is known not to be of the sources once one of them is another', () => {
    expect(isFresh(output, root)).toBe(true)
    writeFileSync(join(root, 'core/deep/echo-worker.ts'), 'export {}')
    expect(isFresh(output, root)).toBe(false)
  })
})
