/** Electron's main process: the real parts, wired. */
import * as electron from 'electron'
import { runDesktop } from './desktop.ts'
import { openSettings } from './services/settings.ts'

await runDesktop({
  electron,
  settings: openSettings(),
  directory: import.meta.dirname,
  // In a packaged app the first argument is the program, else the program and the project's folder.
  args: process.argv.slice(electron.app.isPackaged ? 1 : 2),
  write: (text) => process.stdout.write(text),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
})
