import { Copy, FilePenLine, Trash2 } from '@lucide/vue'
import { resources } from '../../core/api/resources.ts'
import { groupResource } from '../../core/api/gvk.ts'
import { kubectlName, namespaceFlag, refOf, type ActionTarget, type KindAction } from './action.ts'
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

/** Only what runs on a node ends by and by; everything else is gone as soon as its finalizers are. */
function endsSlowly({ resource }: ActionTarget): boolean {
  return groupResource(resource) === groupResource(resources.pods)
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
        when: endsSlowly,
        initial: () => -1,
      },
      {
        id: 'force',
        title: 'action.force',
        kind: 'switch',
        hint: 'action.forceHint',
        when: endsSlowly,
        initial: () => false,
      },
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
