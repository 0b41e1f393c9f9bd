import { Copy, FilePenLine, Trash2 } from '@lucide/vue'
import { kubectlName, namespaceFlag, refOf, type KindAction } from './action.ts'
import type { KindView } from './kind-view.ts'

const edit: KindAction = {
  id: 'edit',
  title: 'action.edit',
  icon: FilePenLine,
  shortcut: 'e',
  open: (host, target) => host.openEditor(target),
}

const copyName: KindAction = {
  id: 'copyName',
  title: 'action.copyName',
  icon: Copy,
  shortcut: 'c',
  open: (host, target) => host.copy(target.name),
}

/** Deletes in the background as kubectl does; by force means without waiting for the node. */
const deleteAction: KindAction = {
  id: 'delete',
  title: 'action.delete',
  icon: Trash2,
  shortcut: 'Delete',
  danger: true,
  bulk: true,
  dialog: {
    body: 'action.deleteBody',
    confirm: 'action.delete',
    fields: [
      {
        id: 'grace',
        title: 'action.grace',
        kind: 'number',
        hint: 'action.graceHint',
        min: -1,
        initial: () => -1,
      },
      { id: 'force', title: 'action.force', kind: 'switch', hint: 'action.forceHint', initial: () => false },
    ],
    kubectl: (target, { grace, force }) => {
      const flags =
        force === true ? ' --force --grace-period=0' : Number(grace) >= 0 ? ` --grace-period=${grace}` : ''
      return `delete ${kubectlName(target)}${namespaceFlag(target)}${flags}`
    },
    run: (host, target, { grace, force }) =>
      host.kube.remove(target.resource, refOf(target), {
        propagationPolicy: 'Background',
        gracePeriodSeconds: force === true ? 0 : Number(grace) >= 0 ? Number(grace) : undefined,
      }),
  },
}

/** All actions of a kind: its own, then those every kind has. */
export function actionsOf(view: KindView): KindAction[] {
  return [...view.actions, edit, copyName, deleteAction]
}
