import { useResizeObserver } from '@vueuse/core'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal, type ITheme } from '@xterm/xterm'
import { nextTick, onScopeDispose, ref, watch, type Ref } from 'vue'
import { shellCommand } from '../../core/api/shell-command.ts'
import { exitCodeOf, openExec, type ExecSession, type ExecTarget } from '../client/exec-socket.ts'
import { usePreferencesStore } from '../stores/preferences.ts'

export interface TerminalSession {
  state: Ref<'idle' | 'connecting' | 'open' | 'closed'>
  /** Set once the shell has ended by itself. */
  exitCode: Ref<number | undefined>
  /** Why it ended, when it did not by itself. */
  message: Ref<string>
  /** Opens a new session; what was on the screen stays. */
  connect(): void
  focus(): void
}

const light: ITheme = {
  background: '#fbfcfd',
  foreground: '#1b2430',
  cursor: '#2563c9',
  cursorAccent: '#ffffff',
  selectionBackground: '#bcd3f7',
  black: '#1b2430',
  red: '#c02626',
  green: '#1d7d3c',
  yellow: '#8f6400',
  blue: '#1f5fbf',
  magenta: '#9a2fa8',
  cyan: '#0f7480',
  white: '#8b98ab',
  brightBlack: '#66738a',
  brightRed: '#dc4a4a',
  brightGreen: '#22a35a',
  brightYellow: '#b7800b',
  brightBlue: '#3474dd',
  brightMagenta: '#b95cc6',
  brightCyan: '#2097a5',
  brightWhite: '#465364',
}
const dark: ITheme = {
  background: '#10151c',
  foreground: '#e2e8f1',
  cursor: '#6ea3f7',
  cursorAccent: '#10151c',
  selectionBackground: '#2c4470',
  black: '#232b37',
  red: '#f27d7d',
  green: '#66d08c',
  yellow: '#e2b54f',
  blue: '#7bb0fa',
  magenta: '#d491e6',
  cyan: '#5fc9d4',
  white: '#c8d1de',
  brightBlack: '#66738a',
  brightRed: '#ff9c9c',
  brightGreen: '#8ae6aa',
  brightYellow: '#f5cf7a',
  brightBlue: '#a1c8ff',
  brightMagenta: '#e6b3f3',
  brightCyan: '#8fe3ec',
  brightWhite: '#f2f5fa',
}

/** A terminal in `box`, joined to a shell in the target's container. Ctrl+Shift+C copies, Ctrl+Shift+V pastes. */
export function useTerminal(
  box: Readonly<Ref<HTMLElement | null>>,
  target: () => ExecTarget | undefined,
): TerminalSession {
  const preferences = usePreferencesStore()
  const state = ref<'idle' | 'connecting' | 'open' | 'closed'>('idle')
  const exitCode = ref<number>()
  const message = ref('')
  const terminal = new Terminal({
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--font-mono'),
    fontSize: 13,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    scrollback: 5_000,
    theme: preferences.isDark ? dark : light,
    screenReaderMode: false,
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  let session: ExecSession | undefined
  let isMounted = false

  terminal.onData((text) => session?.write(text))
  terminal.onResize(({ cols, rows }) => session?.resize(cols, rows))
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown' || !event.ctrlKey) return true
    const key = event.key.toLowerCase()
    if (event.shiftKey && key === 'c') {
      void navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined)
      event.preventDefault()
      return false
    }
    // The browser pastes by itself; xterm must not also send ^V.
    return !(event.shiftKey && key === 'v')
  })

  /** Only from its own place: whoever has gone elsewhere meanwhile goes on there. */
  function takeFocus(): void {
    if (box.value?.closest('[role=tabpanel]')?.contains(document.activeElement)) terminal.focus()
  }

  function mount(): void {
    if (isMounted || !box.value) return
    terminal.open(box.value)
    isMounted = true
    fit.fit()
  }

  function connect(): void {
    const wanted = target()
    if (!wanted) return
    mount()
    session?.close()
    state.value = 'connecting'
    exitCode.value = undefined
    message.value = ''
    const current = openExec(wanted, shellCommand, {
      open() {
        if (session !== current) return
        state.value = 'open'
        current.resize(terminal.cols, terminal.rows)
        takeFocus()
      },
      output: (bytes) => terminal.write(bytes),
      closed(status, reason) {
        if (session !== current) return
        session = undefined
        state.value = 'closed'
        const code = status ? exitCodeOf(status) : undefined
        exitCode.value = code
        message.value = code === undefined ? (status?.message ?? reason) : ''
        terminal.write('\r\n')
      },
    })
    session = current
    // At once: the button that asked for it goes away. What is typed before it is open is dropped.
    takeFocus()
  }

  useResizeObserver(box, () => {
    if (box.value?.clientHeight) {
      mount()
      fit.fit()
    }
  })
  watch(
    () => preferences.isDark,
    (isDark) => (terminal.options.theme = isDark ? dark : light),
  )
  onScopeDispose(() => {
    session?.close()
    terminal.dispose()
  })
  return { state, exitCode, message, connect, focus: () => void nextTick(() => terminal.focus()) }
}
