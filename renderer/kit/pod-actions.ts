import { Cable, ScrollText, SquareTerminal } from '@lucide/vue'
import type { KindAction } from './action.ts'

/** Opens the log of a pod, or of all pods of a workload, in the dock. */
export const logsAction: KindAction = {
  id: 'logs',
  title: 'action.logs',
  icon: ScrollText,
  shortcut: 'l',
  open: (host, target) => host.openLogs(target),
}

/** Opens a shell in a pod's container in the dock. */
export const shellAction: KindAction = {
  id: 'shell',
  title: 'action.shell',
  icon: SquareTerminal,
  shortcut: 's',
  open: (host, target) => host.openShell(target),
}

/** Asks for the ports and starts a port-forward. */
export const portForwardAction: KindAction = {
  id: 'portForward',
  title: 'action.portForward',
  icon: Cable,
  shortcut: 'p',
  open: (host, target) => host.openPortForward(target),
}
