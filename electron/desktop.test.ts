import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { runDesktop, type ElectronModule } from './desktop.ts'
import { isSafeExternalUrl } from './services/external-links.ts'

const ui = 'http://127.0.0.1:2/?token=T'
const ready = `ready api=https://127.0.0.1:1 ui=${ui} kubeconfig=/k\n`

class FakeContents extends EventEmitter {
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  permission: (contents: unknown, permission: string, done: (isGranted: boolean) => void) => void = () =>
    undefined
  session = {
    setPermissionRequestHandler: (handler: FakeContents['permission']) => (this.permission = handler),
    setPermissionCheckHandler: () => undefined,
  }
  setWindowOpenHandler(handler: FakeContents['openHandler']): void {
    this.openHandler = handler
  }
  /** Whether the page may go there. */
  navigate(event: string, url: string): boolean {
    let isPrevented = false
    this.emit(event, { preventDefault: () => (isPrevented = true) }, url)
    return !isPrevented
  }
}

class FakeWindow extends EventEmitter {
  static opened: FakeWindow[] = []
  readonly webContents = new FakeContents()
  readonly options: BrowserWindowConstructorOptions
  loaded = ''
  focused = 0
  constructor(options: BrowserWindowConstructorOptions) {
    super()
    this.options = options
    FakeWindow.opened.push(this)
  }
  async loadURL(url: string): Promise<void> {
    this.loaded = url
  }
  isMinimized(): boolean {
    return false
  }
  isFullScreen(): boolean {
    return false
  }
  getBounds(): object {
    return { width: 1, height: 2, x: 3, y: 4 }
  }
  focus(): void {
    this.focused++
  }
}

class FakeChild extends EventEmitter {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly messages: unknown[] = []
  postMessage(message: unknown): void {
    this.messages.push(message)
  }
}

type Handler = (
  event: { senderFrame: { url: string; parent: unknown } | null },
  ...args: unknown[]
) => unknown

/** A desktop with a fake Electron, up to where its cluster starts. */
function startDesktop(isFirst = true): {
  started: Promise<void>
  app: EventEmitter & { exits: number[]; quits: number }
  child: FakeChild
  external: string[]
  errors: string[]
  handlers: Map<string, Handler>
  forked: unknown[][]
  saved: unknown[]
} {
  FakeWindow.opened = []
  const child = new FakeChild()
  const external: string[] = []
  const errors: string[] = []
  const forked: unknown[][] = []
  const saved: unknown[] = []
  const handlers = new Map<string, Handler>()
  const app = Object.assign(new EventEmitter(), {
    exits: [] as number[],
    quits: 0,
    name: 'Wheelhouse',
    isPackaged: false,
    requestSingleInstanceLock: () => isFirst,
    whenReady: async () => undefined,
    quit: () => void app.quits++,
    exit: (code: number) => void app.exits.push(code),
  })
  const electron = {
    app,
    BrowserWindow: FakeWindow,
    clipboard: { writeText: () => undefined },
    dialog: { showErrorBox: (_title: string, text: string) => void errors.push(text) },
    ipcMain: { handle: (channel: string, handler: Handler) => void handlers.set(channel, handler) },
    Menu: {
      buildFromTemplate: (items: MenuItemConstructorOptions[]) => items,
      setApplicationMenu: () => undefined,
    },
    Notification: class {
      show(): void {}
    },
    shell: { openExternal: async (url: string) => void external.push(url) },
    utilityProcess: {
      fork: (...args: unknown[]) => {
        forked.push(args)
        return child
      },
    },
  } as unknown as ElectronModule
  const started = runDesktop({
    electron,
    settings: { bounds: () => ({ width: 10, height: 20 }), saveBounds: (bounds) => void saved.push(bounds) },
    directory: '/app/out/main',
    args: ['--nodes', '2'],
    write: () => undefined,
    after: () => ({ [Symbol.dispose]: () => undefined }),
  })
  return { started, app, child, external, errors, handlers, forked, saved }
}

describe('the desktop app', () => {
  it('starts the cluster and opens a locked-down window on its page', async () => {
    const { started, child, forked } = startDesktop()
    child.stdout.write(ready)
    await started
    expect(forked[0]!.slice(0, 2)).toEqual(['/app/out/main/cluster-process.js', ['--nodes', '2']])
    const window = FakeWindow.opened[0]!
    expect(window.loaded).toBe(ui)
    expect(window.options).toMatchObject({
      width: 10,
      webPreferences: {
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webviewTag: false,
        preload: '/app/out/preload/preload.cjs',
      },
    })
  })

  it('keeps the window on its page and sends links to the browser', async () => {
    const { started, child, external } = startDesktop()
    child.stdout.write(ready)
    await started
    const { webContents } = FakeWindow.opened[0]!
    expect(webContents.openHandler({ url: 'https://kubernetes.io/' })).toEqual({ action: 'deny' })
    expect(webContents.openHandler({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(webContents.navigate('will-navigate', 'http://127.0.0.1:2/c/local')).toBe(true)
    expect(webContents.navigate('will-navigate', 'http://127.0.0.1:3/')).toBe(false)
    expect(webContents.navigate('will-redirect', 'https://evil.example/')).toBe(false)
    expect(webContents.navigate('will-attach-webview', '')).toBe(false)
    expect(external).toEqual(['https://kubernetes.io/', 'http://127.0.0.1:3/'])
    const granted: string[] = []
    for (const permission of ['media', 'geolocation', 'clipboard-read', 'clipboard-sanitized-write']) {
      webContents.permission(
        undefined,
        permission,
        (isGranted) => void (isGranted && granted.push(permission)),
      )
    }
    expect(granted).toEqual(['clipboard-sanitized-write'])
  })

  it('does for the page what it may ask, and for nobody else', async () => {
    const { started, child, external, handlers } = startDesktop()
    child.stdout.write(ready)
    await started
    const open = handlers.get('desktop:open-external')!
    const page = { senderFrame: { url: 'http://127.0.0.1:2/', parent: null } }
    await open(page, 'https://kubernetes.io/')
    expect(external).toEqual(['https://kubernetes.io/'])
    await expect(open(page, 'file:///etc/passwd')).rejects.toThrow('http')
    await expect(
      open({ senderFrame: { url: 'https://evil.example/', parent: null } }, 'https://a/'),
    ).rejects.toThrow('not allowed')
    const framed = { senderFrame: { url: 'http://127.0.0.1:2/', parent: {} } }
    await expect(open(framed, 'https://a/')).rejects.toThrow('not allowed')
  })

  it('stops the cluster before it quits, and remembers the window', async () => {
    const { started, app, child, saved } = startDesktop()
    child.stdout.write(ready)
    await started
    FakeWindow.opened[0]!.emit('close')
    expect(saved).toEqual([{ width: 1, height: 2, x: 3, y: 4 }])
    let isPrevented = false
    app.emit('before-quit', { preventDefault: () => (isPrevented = true) })
    expect(isPrevented).toBe(true)
    expect(child.messages).toEqual(['stop'])
    expect(app.exits).toEqual([])
    child.emit('exit', 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(app.exits).toEqual([0])
  })

  it('leaves to the first instance, which comes to the front', async () => {
    const second = startDesktop(false)
    await second.started
    expect(second.app.quits).toBe(1)
    expect(second.forked).toEqual([])
    const first = startDesktop()
    first.child.stdout.write(ready)
    await first.started
    first.app.emit('second-instance')
    expect(FakeWindow.opened[0]!.focused).toBe(1)
  })

  it('says why the cluster cannot start', async () => {
    const { started, app, child, errors } = startDesktop()
    child.stderr.write('port taken\n')
    setImmediate(() => child.emit('exit', 1))
    await started
    expect(errors).toEqual(['port taken'])
    expect(app.exits).toEqual([1])
  })
})

describe('isSafeExternalUrl', () => {
  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'smb://host/share',
    'https://user:pass@host/',
    '',
    7,
    null,
  ])('refuses %s', (url) => expect(isSafeExternalUrl(url)).toBe(false))
})
