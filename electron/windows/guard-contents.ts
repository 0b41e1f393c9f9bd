import { isSafeExternalUrl } from '../services/external-links.ts'

interface PreventableEvent {
  preventDefault(): void
}

/** The parts of Electron's WebContents that are guarded. */
export interface GuardedContents {
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void
  on(
    event: 'will-navigate' | 'will-redirect',
    listener: (event: PreventableEvent, url: string) => void,
  ): unknown
  on(event: 'will-attach-webview', listener: (event: PreventableEvent) => void): unknown
}

/** The parts of Electron's Session that are guarded. */
export interface GuardedSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, done: (isGranted: boolean) => void) => void,
  ): void
  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void
}

/** What the page may use: copy buttons and notices of its own. */
const permissions = new Set(['clipboard-sanitized-write', 'notifications'])

/**
 * Keeps a window on the gateway's page: no other page is loaded in it, no window is opened by it, no webview attached.
 * Links elsewhere go to the user's browser.
 */
export function guardContents(
  contents: GuardedContents,
  origin: string,
  openExternal: (url: string) => void,
): void {
  const isOwn = (url: string): boolean => URL.canParse(url) && new URL(url).origin === origin
  const open = (url: string): void => {
    if (isSafeExternalUrl(url)) openExternal(url)
  }
  contents.setWindowOpenHandler(({ url }) => {
    open(url)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event, url) => {
    if (isOwn(url)) return
    event.preventDefault()
    open(url)
  })
  contents.on('will-redirect', (event, url) => {
    if (!isOwn(url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Refuses the page cameras, places, devices and all else it does not need. */
export function guardSession(session: GuardedSession): void {
  session.setPermissionRequestHandler((_contents, permission, done) => done(permissions.has(permission)))
  session.setPermissionCheckHandler((_contents, permission) => permissions.has(permission))
}
