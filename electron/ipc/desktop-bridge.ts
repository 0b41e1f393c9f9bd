import { isSafeExternalUrl } from '../services/external-links.ts'
import { channels } from './channels.ts'

/** Who sent a message: only the page's own main frame is listened to. */
interface Sender {
  senderFrame: { url: string; parent: unknown } | null
}

export interface DesktopBridgeOptions {
  /** Electron's ipcMain. */
  ipcMain: { handle(channel: string, handler: (event: Sender, ...args: unknown[]) => unknown): void }
  openExternal(url: string): Promise<void>
  notify(title: string, body: string): void
  /** Origin of the gateway's page. */
  origin(): string
}

const maxTextLength = 500

/** Serves what the page may ask of the desktop (contract.ts). Everything it sends is checked. */
export function serveDesktopBridge(options: DesktopBridgeOptions): void {
  const { ipcMain } = options
  function checkSender(event: Sender): void {
    const frame = event.senderFrame
    const isOwn =
      frame &&
      frame.parent === null &&
      URL.canParse(frame.url) &&
      new URL(frame.url).origin === options.origin()
    if (!isOwn) throw new Error('not allowed')
  }
  ipcMain.handle(channels.openExternal, async (event, url) => {
    checkSender(event)
    if (!isSafeExternalUrl(url)) throw new Error('only http and https addresses can be opened')
    await options.openExternal(url)
  })
  ipcMain.handle(channels.notify, (event, title, body) => {
    checkSender(event)
    if (typeof title !== 'string' || typeof body !== 'string') throw new Error('title and body must be texts')
    options.notify(title.slice(0, maxTextLength), body.slice(0, maxTextLength))
  })
}
