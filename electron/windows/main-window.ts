import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'
import type { Settings } from '../services/settings.ts'
import { guardContents, guardSession } from './guard-contents.ts'

export interface MainWindowOptions {
  createWindow(options: BrowserWindowConstructorOptions): BrowserWindow
  openExternal(url: string): void
  settings: Settings
  preload: string
  /** The gateway's address, with the launch token. */
  url: string
}

/** Opens the one window: the gateway's page, without Node, in a sandbox, isolated from the preload script. */
export async function openMainWindow(options: MainWindowOptions): Promise<BrowserWindow> {
  const { settings, preload, url, openExternal } = options
  const window = options.createWindow({
    ...settings.bounds(),
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Wheelhouse',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  guardContents(window.webContents, new URL(url).origin, openExternal)
  guardSession(window.webContents.session)
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    if (!window.isMinimized() && !window.isFullScreen()) settings.saveBounds(window.getBounds())
  })
  await window.loadURL(url)
  return window
}
