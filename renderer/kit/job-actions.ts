import { CirclePause, CirclePlay, Rocket } from '@lucide/vue'
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

/** A name no scheduled Job has: the CronJob's, cut to fit, and the time in base 36. */
export function manualJobName(cronJob: string, now: number): string {
  const suffix = `-manual-${Math.floor(now / 1000).toString(36)}`
  return cronJob.slice(0, 63 - suffix.length) + suffix
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
