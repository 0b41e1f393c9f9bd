import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isFresh } from './bundle/fresh-bundle.ts'
import { showSourcePositions } from './bundle/source-positions.ts'
import type * as CommandLine from './command-line.ts'

const root = join(import.meta.dirname, '../..')
/** Where `npm install` puts the bundle. */
const bundle = join(root, 'out/cluster')

/**
 * Lets Node keep type-stripped, compiled modules, so that every start but the first is quicker. What is imported before
 * is not kept: a program calls this first and then imports the rest. Never fails; a folder that cannot be written means
 * no cache.
 */
export function keepCompiledModules(): void {
  const { directory } = enableCompileCache(join(root, 'out/compile-cache'))
  // Worker threads look for it here.
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= directory
}

/** The program: bundled, which starts in half the time, where the bundle is of the sources as they are; else the sources. */
async function loadProgram(): Promise<typeof CommandLine> {
  if (!isFresh(bundle, root)) return import('./command-line.ts')
  const { href } = pathToFileURL(join(bundle, 'command-line.js'))
  showSourcePositions(new URL('.', href).href)
  return (await import(href)) as typeof CommandLine
}

/**
 * `npm run cluster`: runs the command that `argv` asks for and resolves with the exit code: 0 after a clean end, 1 when
 * it could not be done, 2 for a wrong command line. Only the ready line goes to stdout.
 */
export async function runHeadless(argv: string[]): Promise<number> {
  const { runCommandLine } = await loadProgram()
  return runCommandLine(argv)
}

if (import.meta.main) {
  keepCompiledModules()
  process.exitCode = await runHeadless(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  })
  // Nothing may keep the process once the cluster has stopped.
  process.exit()
}
