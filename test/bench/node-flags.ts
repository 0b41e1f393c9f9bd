import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The project's folder, from which `nodeFlags` count. */
export const root = join(import.meta.dirname, '../..')

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: { cluster: string }
}

/** What `npm run cluster` gives Node before its program. */
export const nodeFlags = scripts.cluster.split(' ').slice(1, -1)

/** Those of them that are V8's: how large the heap gets and who collects it. */
export const heapFlags = nodeFlags.filter((flag) => /^--(max|heap|initial|no-incremental|v8)-/.test(flag))
