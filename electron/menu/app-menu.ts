import type { MenuItemConstructorOptions } from 'electron'

export interface AppMenuOptions {
  platform: NodeJS.Platform
  appName: string
  isPackaged: boolean
  /** Copies `export KUBECONFIG=…` for a terminal. */
  copyKubeconfig(): void
  openInBrowser(): void
}

/** The application menu: what systems expect, and how to leave for a terminal or a browser. */
export function buildAppMenu(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin'
  const app: MenuItemConstructorOptions = { label: options.appName, role: 'appMenu' }
  return [
    ...(isMac ? [app] : []),
    {
      label: '&Cluster',
      submenu: [
        { label: 'Copy KUBECONFIG for a Terminal', click: () => options.copyKubeconfig() },
        { label: 'Open in Browser', click: () => options.openInBrowser() },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(options.isPackaged ? [] : [{ role: 'toggleDevTools' } as MenuItemConstructorOptions]),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ]
}
