import { Cable, LogOut, ScrollText, SquareTerminal } from '@lucide/vue'
import { resources } from '../../core/api/resources.ts'
import type { KubeClient, ObjectRef } from '../client/kube-client.ts'
import { refOf, type KindAction } from './action.ts'

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

/** Asks for a pod's eviction. Throws StatusError: 429 where a disruption budget does not allow it now. */
export async function evictPod(kube: KubeClient, { namespace, name }: ObjectRef): Promise<void> {
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  }
  await kube.create(resources.pods, eviction, { subresource: 'eviction' })
}

/** Deletes a pod only where its disruption budget allows it. */
export const evictAction: KindAction = {
  id: 'evict',
  title: 'action.evict',
  icon: LogOut,
  bulk: true,
  dialog: {
    body: 'action.evictBody',
    confirm: 'action.evict',
    run: (host, target) => evictPod(host.kube, refOf(target)),
  },
}
