import { Unplug } from '@lucide/vue'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'
import { StatusError } from '../../core/api/status.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { ActionRefusal, type ActionProgress, type KindAction } from './action.ts'
import { evictPod } from './pod-actions.ts'

export interface DrainOptions {
  /** Also pods that no controller makes anew. */
  force: boolean
  /** Also pods with emptyDir volumes, whose data ends with them. */
  deleteEmptyDir: boolean
}

export interface DrainPlan {
  /** What has to leave. */
  pods: Pod[]
  unmanaged: Pod[]
  withData: Pod[]
}

/**
 * Which pods of a node a drain moves, and which of them need the user's word: mirror pods and those of DaemonSets stay; finished ones
 * leave without a question (upstream: kubectl/pkg/drain/filters.go).
 */
export function planDrain(all: Pod[]): DrainPlan {
  const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const pods = all.filter(
    (pod) =>
      pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined &&
      (isFinished(pod) || controllerOf(pod)?.kind !== 'DaemonSet'),
  )
  const alive = pods.filter((pod) => !isFinished(pod))
  return {
    pods,
    unmanaged: alive.filter((pod) => !controllerOf(pod)),
    withData: alive.filter(({ spec }) => spec.volumes?.some(({ emptyDir }) => emptyDir)),
  }
}

const roundMs = 2_000

/**
 * Cordons a node, evicts its pods and waits until they are gone, trying again where a disruption budget does not allow it yet. Throws
 * ActionRefusal, before anything is changed, for pods that need the user's word; ends early when `progress.signal` is aborted.
 */
export async function drainNode(
  kube: KubeClient,
  name: string,
  options: DrainOptions & { progress: ActionProgress; pause?: (ms: number) => Promise<unknown> },
): Promise<void> {
  const { progress, pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) } = options
  const list = async (): Promise<Pod[]> =>
    (await kube.list<Pod>(resources.pods, { query: { fieldSelector: `spec.nodeName=${name}` } })).items
  const keys = (pods: Pod[]): string => pods.map(objectKey).join(', ')
  const { unmanaged, withData } = planDrain(await list())
  if (unmanaged.length && !options.force)
    throw new ActionRefusal('action.drainUnmanaged', { pods: keys(unmanaged) })
  if (withData.length && !options.deleteEmptyDir)
    throw new ActionRefusal('action.drainData', { pods: keys(withData) })
  await kube.patch(resources.nodes, { name }, { type: 'merge', body: { spec: { unschedulable: true } } })
  while (!progress.signal.aborted) {
    const { pods } = planDrain(await list())
    if (!pods.length) return
    const outcomes = await Promise.all(pods.map((pod) => tryEviction(kube, pod)))
    const held = outcomes.flatMap((reason, index) =>
      reason === undefined ? [] : [`${objectKey(pods[index]!)}: ${reason}`],
    )
    progress.say('action.drainLeft', { n: pods.length }, held)
    await pause(roundMs)
  }
}

/** Why the pod may not leave yet; undefined when it is on its way, or gone. */
async function tryEviction(kube: KubeClient, pod: Pod): Promise<string | undefined> {
  const { namespace, name, deletionTimestamp } = pod.metadata
  if (deletionTimestamp !== undefined) return undefined
  try {
    await evictPod(kube, { namespace, name })
    return undefined
  } catch (error) {
    if (!(error instanceof StatusError) || (error.code !== 429 && error.code !== 404)) throw error
    return error.code === 404 ? undefined : reasonOf(error)
  }
}

/** A budget's own words say more than that it stands in the way. */
function reasonOf({ message, status }: StatusError): string {
  const causes = status.details?.causes?.map((cause) => cause.message).filter(Boolean) ?? []
  return causes.length ? causes.join(' ') : message
}

/** Makes a node empty, as `kubectl drain` does. */
export const drainAction: KindAction = {
  id: 'drain',
  title: 'action.drain',
  icon: Unplug,
  bulk: true,
  dialog: {
    body: 'action.drainBody',
    confirm: 'action.drain',
    fields: [
      {
        id: 'deleteEmptyDir',
        title: 'action.drainDataField',
        kind: 'switch',
        hint: 'action.drainDataHint',
        initial: () => false,
      },
      {
        id: 'force',
        title: 'action.drainForce',
        kind: 'switch',
        hint: 'action.drainForceHint',
        initial: () => false,
      },
    ],
    kubectl: ({ name }, { force, deleteEmptyDir }) =>
      `drain ${name} --ignore-daemonsets${deleteEmptyDir ? ' --delete-emptydir-data' : ''}${force ? ' --force' : ''}`,
    run: (host, { name }, { force, deleteEmptyDir }, progress) =>
      drainNode(host.kube, name, {
        force: force === true,
        deleteEmptyDir: deleteEmptyDir === true,
        progress,
      }),
  },
}
