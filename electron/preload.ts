/** Runs sandboxed before the page and gives it `window.desktop` (contract.ts), nothing else. */
import { contextBridge, ipcRenderer } from 'electron'
import type { DesktopBridge } from './contract.ts'
import { channels } from './ipc/channels.ts'

const bridge: DesktopBridge = {
  platform: process.platform,
  openExternal: (url) => ipcRenderer.invoke(channels.openExternal, url) as Promise<void>,
  notify: (title, body) => ipcRenderer.invoke(channels.notify, title, body) as Promise<void>,
}
contextBridge.exposeInMainWorld('desktop', bridge)
