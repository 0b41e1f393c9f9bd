import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const depcruise = join(root, 'node_modules/.bin/depcruise')
const planted: string[] = []

/** Runs the layer check on one folder and returns the names of the rules it broke. */
function violations(paths: string[]): string[] {
  const result = spawnSync(
    depcruise,
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    },
  )
  const report = JSON.parse(result.stdout) as { summary: { violations: Array<{ rule: { name: string } }> } }
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))]
}

function plant(folder: string, content: string): string {
  mkdirSync(join(root, folder), { recursive: true })
  const directory = mkdtempSync(join(root, folder, 'planted-'))
  planted.push(directory)
  writeFileSync(join(directory, 'planted.ts'), content)
  return directory.slice(root.length + 1)
}

afterEach(() => {
  for (const directory of planted.splice(0)) rmSync(directory, { recursive: true, force: true })
})

describe('the layer check', () => {
  it.each([
    [
      'a controller that imports the store',
      'core/controllers',
      "import '../../storage/store.ts'\n",
      'core-controllers-layer',
    ],
    ['dockerode outside the Docker runtime', 'core/network', "import 'dockerode'\n", 'one-door-dockerode'],
    ['SQLite outside the journal', 'core/storage', "import 'node:sqlite'\n", 'one-door-sqlite'],
    ['core that imports vue', 'core/gateway', "import 'vue'\n", 'core-is-host-free'],
    [
      'the page reaching into the server',
      'renderer/stores',
      "import '../../../core/util/clock.ts'\n",
      'renderer-sees-only-api',
    ],
    ['isomorphic code that reads files', 'core/api', "import 'node:fs'\n", 'api-is-isomorphic'],
  ])('reports %s', (_what, folder, content, rule) => {
    expect(violations([plant(folder, content)])).toContain(rule)
  })

  it('reports a core folder that the table does not name', () => {
    const folder = `core/${plant('core', 'export const planted = 1\n').split('/')[1]}`
    expect(violations([folder])).toContain('core-file-without-layer')
  })

  it('names every folder of core in the table', () => {
    const config = execFileSync(process.execPath, [
      '-e',
      `process.stdout.write(JSON.stringify(require(${JSON.stringify(join(root, '.dependency-cruiser.cjs'))}).forbidden.map(r => r.name)))`,
    ]).toString()
    const names = JSON.parse(config) as string[]
    const folders = readdirSync(join(root, 'core'), { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && entry.name !== 'cluster' && !entry.name.startsWith('planted-'),
      )
      .map((entry) => `core-${entry.name}-layer`)
    expect(names).toEqual(expect.arrayContaining(folders))
  })
})
