import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Lets Node keep type-stripped, compiled modules, so that every start but the first is quicker. What is imported before
 * is not kept: a program calls this first and then imports the rest. Never fails; a folder that cannot be written means
 * no cache.
 */
export function keepCompiledModules(): void {
  const { directory } = enableCompileCache(join(import.meta.dirname, '../../out/compile-cache'))
  // Worker threads look for it here.
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= directory
}

/**
 * `npm run cluster`: runs the command that `argv` asks for and resolves with the exit code: 0 after a clean end, 1 when
 * it could not be done, 2 for a wrong command line. Only the ready line goes to stdout.
 */
export async function runHeadless(argv: string[]): Promise<number> {
  const { runCommandLine } = await import('./command-line.ts')
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
