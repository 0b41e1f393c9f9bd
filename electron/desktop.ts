import { join } from 'node:path'
import type * as Electron from 'electron'
import { serveDesktopBridge } from './ipc/desktop-bridge.ts'
import { buildAppMenu } from './menu/app-menu.ts'
import { createClusterHost, type ClusterAddresses } from './services/cluster-host.ts'
import type { Settings } from './services/settings.ts'
import { openMainWindow } from './windows/main-window.ts'

/** The parts of the `electron` module that the shell uses. */
export type ElectronModule = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'clipboard'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'Notification'
  | 'shell'
  | 'utilityProcess'
>

export interface DesktopOptions {
  electron: ElectronModule
  settings: Settings
  /** The built main process's folder. */
  directory: string
  /** Arguments for the cluster. */
  args: string[]
  write(text: string): void
  after(delayMs: number, task: () => void): Disposable
}

/**
 * The desktop app: one instance, one cluster process, one window onto its gateway. A second start brings the window to
 * the front; quitting stops the cluster first. A cluster that cannot start or is lost is told in a dialog.
 */
export async function runDesktop(options: DesktopOptions): Promise<void> {
  const { electron, settings, directory } = options
  const { app, shell } = electron
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  let window: Electron.BrowserWindow | undefined
  let addresses: ClusterAddresses | undefined
  let isQuitting = false

  const host = createClusterHost({
    fork: () =>
      electron.utilityProcess.fork(join(directory, 'cluster-process.js'), options.args, {
        stdio: 'pipe',
        serviceName: 'Wheelhouse cluster',
      }) as ReturnType<Parameters<typeof createClusterHost>[0]['fork']>,
    onOutput: (text) => options.write(text),
    onLost: (code, output) => {
      electron.dialog.showErrorBox(
        'The cluster has stopped',
        `Its process ended with code ${code}.\n\n${output}`,
      )
      app.exit(1)
    },
    after: (delayMs, task) => options.after(delayMs, task),
  })
  const openExternal = (url: string): Promise<void> => shell.openExternal(url)
  const follow = (url: string): void => {
    // A system without a browser: there is nothing more to be done about it.
    openExternal(url).catch(() => undefined)
  }
  const openWindow = async (): Promise<void> => {
    if (!addresses) return
    window = await openMainWindow({
      createWindow: (windowOptions) => new electron.BrowserWindow(windowOptions),
      openExternal: follow,
      settings,
      preload: join(directory, '../preload/preload.cjs'),
      url: addresses.ui,
    })
    window.once('closed', () => (window = undefined))
  }

  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('activate', () => {
    if (!window) void openWindow().catch(report)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (isQuitting) return
    isQuitting = true
    event.preventDefault()
    void host.stop().finally(() => app.exit(0))
  })
  function report(error: unknown): void {
    electron.dialog.showErrorBox(
      'Wheelhouse cannot start',
      error instanceof Error ? error.message : String(error),
    )
    app.exit(1)
  }

  await app.whenReady()
  serveDesktopBridge({
    ipcMain: electron.ipcMain,
    openExternal,
    notify: (title, body) => new electron.Notification({ title, body }).show(),
    origin: () => (addresses ? new URL(addresses.ui).origin : ''),
  })
  const menu = buildAppMenu({
    platform: process.platform,
    appName: app.name,
    isPackaged: app.isPackaged,
    copyKubeconfig() {
      electron.clipboard.writeText(`export KUBECONFIG='${addresses?.kubeconfig ?? ''}'`).catch(report)
    },
    openInBrowser: () => follow(addresses?.ui ?? ''),
  })
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu))
  try {
    addresses = await host.start()
    await openWindow()
  } catch (error) {
    report(error)
  }
}
