import { CirclePause, CirclePlay, RefreshCw, Rocket } from '@lucide/vue'
import type { CronJob, Job } from '../../core/api/generated/batch-v1.ts'
import { resources } from '../../core/api/resources.ts'
import type { KubeClient, ObjectRef } from '../client/kube-client.ts'
import { kubectlName, namespaceFlag, refOf, type ActionTarget, type KindAction } from './action.ts'
import { isFinishedJob } from './job-state.ts'

function isSuspended({ object, row }: ActionTarget): boolean {
  if (object) return (object as Job | CronJob).spec.suspend === true
  return (row?.data as { suspended?: boolean } | undefined)?.suspended === true
}

function suspending(suspend: boolean): Pick<KindAction, 'bulk' | 'when' | 'dialog'> {
  return {
    bulk: true,
    when: (target) => {
      const isDone =
        target.resource.kind === 'Job' && target.object !== undefined && isFinishedJob(target.object as Job)
      return !isDone && isSuspended(target) !== suspend
    },
    dialog: {
      body: suspend ? 'action.suspendBody' : 'action.unsuspendBody',
      confirm: suspend ? 'action.suspend' : 'action.unsuspend',
      kubectl: (target) =>
        `patch ${kubectlName(target)}${namespaceFlag(target)} --type merge -p '{"spec":{"suspend":${suspend}}}'`,
      run: (host, target) =>
        host.kube.patch(target.resource, refOf(target), { type: 'merge', body: { spec: { suspend } } }),
    },
  }
}

/** Holds a CronJob's schedule, or a Job, whose running pods are then ended. */
export const suspendAction: KindAction = {
  id: 'suspend',
  title: 'action.suspend',
  icon: CirclePause,
  ...suspending(true),
}

/** Lets a held CronJob or Job go on. */
export const unsuspendAction: KindAction = {
  id: 'unsuspend',
  title: 'action.unsuspend',
  icon: CirclePlay,
  ...suspending(false),
}

/**
 * Makes a Job of a CronJob's template at once, named `name`, as `kubectl create job --from` does (upstream:
 * kubectl/pkg/cmd/create/create_job.go). Throws StatusError.
 */
export async function runNow(kube: KubeClient, ref: ObjectRef, name: string): Promise<unknown> {
  const cronJob = await kube.get<CronJob>(resources.cronJobs, ref)
  const { metadata, spec } = cronJob.spec.jobTemplate
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      ...(ref.namespace && { namespace: ref.namespace }),
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: ref.name,
          uid: cronJob.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec,
  } as Job
  return kube.create<Job>(resources.jobs, job)
}

/** A name no scheduled Job has: the CronJob's or another Job's, cut to fit, and the time in base 36. */
export function manualJobName(base: string, now: number): string {
  const suffix = `-manual-${Math.floor(now / 1000).toString(36)}`
  return base.replace(/-manual-[0-9a-z]+$/, '').slice(0, 63 - suffix.length) + suffix
}

/** What the server writes into a Job and its pods to tell them from those of other Jobs. */
const madeLabels = new Set([
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
])
const madeAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'batch.kubernetes.io/cronjob-scheduled-timestamp',
  'batch.kubernetes.io/job-tracking',
])

function without(names: ReadonlySet<string>, map: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => !names.has(name)))
}

/** Makes a Job named `name` that does what another one did; the CronJob it belongs to keeps them both. Throws StatusError. */
export async function runAgain(kube: KubeClient, ref: ObjectRef, name: string): Promise<unknown> {
  const { metadata, spec } = await kube.get<Job>(resources.jobs, ref)
  const { selector, manualSelector, suspend, template, ...rest } = spec
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      ...(ref.namespace && { namespace: ref.namespace }),
      labels: without(madeLabels, metadata.labels),
      annotations: without(madeAnnotations, metadata.annotations),
      ...(metadata.ownerReferences && { ownerReferences: metadata.ownerReferences }),
    },
    spec: {
      ...rest,
      template: {
        ...template,
        metadata: { ...template.metadata, labels: without(madeLabels, template.metadata?.labels) },
      },
    },
  } as Job
  return kube.create<Job>(resources.jobs, job)
}

/** Runs a CronJob once, besides its schedule. */
export const runNowAction: KindAction = {
  id: 'runNow',
  title: 'action.runNow',
  icon: Rocket,
  shortcut: 'r',
  dialog: {
    body: 'action.runNowBody',
    confirm: 'action.runNow',
    fields: [
      {
        id: 'name',
        title: 'action.jobName',
        kind: 'text',
        initial: ({ name }) => manualJobName(name, Date.now()),
      },
    ],
    kubectl: (target, { name }) => `create job ${name}${namespaceFlag(target)} --from=cronjob/${target.name}`,
    run: (host, target, { name }) => runNow(host.kube, refOf(target), String(name)),
  },
}

function hasEnded({ object, row }: ActionTarget): boolean {
  // A row has of the status what the projection of Jobs keeps: the conditions.
  return isFinishedJob((object ?? { status: row?.data }) as Job)
}

/** Does once more what a Job did, in a new Job: one that has ended cannot be started again. */
export const runAgainAction: KindAction = {
  id: 'runAgain',
  title: 'action.runAgain',
  icon: RefreshCw,
  shortcut: 'r',
  when: hasEnded,
  dialog: {
    body: 'action.runAgainBody',
    confirm: 'action.runAgain',
    fields: [
      {
        id: 'name',
        title: 'action.jobName',
        kind: 'text',
        initial: ({ name }) => manualJobName(name, Date.now()),
      },
    ],
    run: (host, target, { name }) => runAgain(host.kube, refOf(target), String(name)),
  },
}
