import Store from 'electron-store'

/** Size and place of the window. */
export interface WindowBounds {
  width: number
  height: number
  x?: number
  y?: number
}

/** What the shell itself remembers; the page's preferences are the gateway's. */
export interface Settings {
  bounds(): WindowBounds
  saveBounds(bounds: WindowBounds): void
}

const defaults: { bounds: WindowBounds } = { bounds: { width: 1320, height: 860 } }

/** Settings in Electron's user data folder. */
export function openSettings(): Settings {
  const store = new Store<{ bounds: WindowBounds }>({ name: 'window', defaults })
  return {
    bounds: () => store.get('bounds'),
    saveBounds: (bounds) => store.set('bounds', bounds),
  }
}
