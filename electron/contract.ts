/** What the preload script offers the page as `window.desktop`; absent in a plain browser. Types only. */
export interface DesktopBridge {
  readonly platform: string
  /** Opens an http(s) address in the user's browser. */
  openExternal(url: string): Promise<void>
  /** Shows a native notification. */
  notify(title: string, body: string): Promise<void>
}
