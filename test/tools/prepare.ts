/** Runs after `npm install`: builds the page, so that `npm start` and `npm run cluster` can serve it at once. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
if (existsSync(join(root, 'renderer/index.html'))) {
  const vite = await import('vite').catch(() => undefined)
  if (vite) await vite.build({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' })
  else process.stderr.write('page not built: development dependencies are not installed\n')
}
