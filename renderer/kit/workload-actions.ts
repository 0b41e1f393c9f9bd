import { Pause, Play, RotateCw, Scaling, Undo2 } from '@lucide/vue'
import type { Deployment } from '../../core/api/generated/apps-v1.ts'
import type { Scale } from '../../core/api/generated/autoscaling-v1.ts'
import { kubectlName, namespaceFlag, refOf, type ActionTarget, type KindAction } from './action.ts'
import { undoToRevision } from './controller-revisions.ts'
import { undoRollout } from './rollout.ts'
import { parseRatio } from './tone.ts'

function replicasOf({ object, row }: ActionTarget): number {
  const spec = (object as { spec?: { replicas?: number } } | undefined)?.spec
  if (spec) return spec.replicas ?? 1
  const known = (row?.data as { replicas?: { desired?: number } } | undefined)?.replicas?.desired
  if (known !== undefined) return known
  const ratio = row?.cells.map(parseRatio).find((pair) => pair !== undefined)
  return ratio?.want ?? 1
}

function isPaused({ object, row }: ActionTarget): boolean | undefined {
  if (object) return (object as Deployment).spec.paused === true
  return (row?.data as { paused?: boolean } | undefined)?.paused
}

/** Sets the number of replicas through the scale subresource. */
export const scaleAction: KindAction = {
  id: 'scale',
  title: 'action.scale',
  icon: Scaling,
  shortcut: 'x',
  bulk: true,
  dialog: {
    body: 'action.scaleBody',
    confirm: 'action.scale',
    fields: [{ id: 'replicas', title: 'action.replicas', kind: 'number', min: 0, initial: replicasOf }],
    kubectl: (target, { replicas }) =>
      `scale ${kubectlName(target)}${namespaceFlag(target)} --replicas=${replicas}`,
    run: (host, target, { replicas }) =>
      host.kube.patch(target.resource, refOf(target), {
        type: 'merge',
        body: { spec: { replicas: Number(replicas) } },
        options: { subresource: 'scale' },
      }),
  },
}

/** Scales a kind the page knows nothing about: only its scale subresource says which of its fields is the number. */
export const scaleByReadAction: KindAction = {
  ...scaleAction,
  bulk: false,
  dialog: {
    ...scaleAction.dialog!,
    fields: scaleAction.dialog!.fields!.map((field) => ({
      ...field,
      initial: () => 0,
      read: async ({ kube }, target) => {
        const scale = await kube.get<Scale>(target.resource, { ...refOf(target), subresource: 'scale' })
        return scale.spec?.replicas ?? 0
      },
    })),
  },
}

/** Replaces all pods at the pace of the rollout, as `kubectl rollout restart` does. */
export const restartAction: KindAction = {
  id: 'restart',
  title: 'action.restart',
  icon: RotateCw,
  shortcut: 'r',
  bulk: true,
  dialog: {
    body: 'action.restartBody',
    confirm: 'action.restart',
    kubectl: (target) => `rollout restart ${kubectlName(target)}${namespaceFlag(target)}`,
    run: (host, target) =>
      host.kube.patch(target.resource, refOf(target), {
        type: 'merge',
        body: {
          spec: {
            template: {
              metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } },
            },
          },
        },
      }),
  },
}

function pausing(paused: boolean): Pick<KindAction, 'bulk' | 'when' | 'dialog'> {
  return {
    bulk: true,
    when: (target) => isPaused(target) !== paused,
    dialog: {
      body: paused ? 'action.pauseBody' : 'action.resumeBody',
      confirm: paused ? 'action.pause' : 'action.resume',
      kubectl: (target) =>
        `rollout ${paused ? 'pause' : 'resume'} ${kubectlName(target)}${namespaceFlag(target)}`,
      run: (host, target) =>
        host.kube.patch(target.resource, refOf(target), { type: 'merge', body: { spec: { paused } } }),
    },
  }
}

/** Holds a deployment's rollout. */
export const pauseAction: KindAction = { id: 'pause', title: 'action.pause', icon: Pause, ...pausing(true) }

/** Lets a held rollout go on. */
export const resumeAction: KindAction = {
  id: 'resume',
  title: 'action.resume',
  icon: Play,
  ...pausing(false),
  when: (target) => isPaused(target) === true,
}

/** Goes back to the revision before the current one, or to `revision`. */
export function undoAction(revision?: number): KindAction {
  return {
    id: 'undo',
    title: 'action.undo',
    icon: Undo2,
    // The server would take it, and nothing would come of it until the rollout is resumed: kubectl refuses it, too.
    when: (target) => isPaused(target) !== true,
    dialog: {
      body: revision === undefined ? 'action.undoBody' : 'action.undoToBody',
      ...(revision !== undefined && { params: { revision } }),
      confirm: 'action.undo',
      kubectl: (target) =>
        `rollout undo ${kubectlName(target)}${namespaceFlag(target)}${revision === undefined ? '' : ` --to-revision=${revision}`}`,
      run: (host, target) =>
        target.resource.kind === 'Deployment'
          ? undoRollout(host.kube, refOf(target), revision)
          : undoToRevision(host.kube, target.resource, refOf(target), revision),
    },
  }
}
