/**
 * `npm start`: the desktop app where Electron can run, else the same page for the browser. All arguments are those of
 * `npm run cluster`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findElectron } from './services/find-electron.ts'

const root = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
const electronPackage = join(root, 'node_modules/electron')
const machine = { platform: process.platform, env: process.env, uid: process.getuid?.() }
let found = findElectron(electronPackage, machine)
if ('reason' in found && found.canFetch) {
  process.stderr.write('fetching Electron, once…\n')
  // The package's own installer; its output must not mix with the ready line on stdout.
  spawnSync(process.execPath, [join(electronPackage, 'install.js')], { stdio: ['ignore', 2, 2] })
  found = findElectron(electronPackage, machine)
}
if ('program' in found) {
  process.exitCode = await runDesktop(found.program)
} else {
  process.stderr.write(`no desktop window: ${found.reason}; open the address below in a browser instead\n`)
  const { keepCompiledModules, runHeadless } = await import('../core/cluster/headless.ts')
  keepCompiledModules()
  process.exitCode = await runHeadless(args)
  // Nothing may keep the process once the cluster has stopped.
  process.exit()
}

/** Builds what Electron runs, runs it to its end and gives its exit code. */
async function runDesktop(program: string): Promise<number> {
  const { build } = await import('electron-vite')
  await build({ root, logLevel: 'warn' })
  const child = spawn(program, [root, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
