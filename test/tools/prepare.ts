/**
 * Runs after `npm install`: builds the page and bundles the program of `npm run cluster`, so that the one is there at once
 * and the other starts quickly.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const configurations = ['renderer/vite.config.ts', 'core/cluster/bundle/vite.config.ts']
const vite = await import('vite').catch(() => undefined)
if (!vite) process.stderr.write('page not built: development dependencies are not installed\n')
for (const name of configurations) {
  const configFile = join(root, name)
  if (vite && existsSync(configFile)) await vite.build({ configFile, logLevel: 'warn' })
}
