import type { Job } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf, objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { indexByController } from '../kit/controller-uid-index.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { selectorOf } from '../kit/selector-of.ts'
import { isFinished, isTracked, removeTracking } from './job-pods.ts'

/**
 * Takes the tracking finalizer off pods that no Job counts any more, because it is gone or has ended, so that they can
 * be deleted (upstream: job controller syncOrphanPod).
 */
export function createJobOrphanPodsController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const podsBy = indexByController(informers.informer(resources.pods))
  const jobs = informers.informer(resources.jobs)

  async function isCounted(pod: Pod): Promise<boolean> {
    const { namespace = '', labels } = pod.metadata
    const owner = controllerOf(pod)
    if (!owner) {
      // A Job that selects it will adopt it.
      return jobs.store
        .inNamespace(namespace)
        .some((job) => !isFinished(job) && selectorOf(job.spec.selector)(labels))
    }
    if (owner.kind !== 'Job') return false
    const isSame = (job: Job): boolean => job.metadata.uid === owner.uid && !isFinished(job)
    const known = jobs.store.get(`${namespace}/${owner.name}`)
    if (known && isSame(known)) return true
    try {
      return isSame(await client.get(resources.jobs, { namespace, name: owner.name }))
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }

  return defineController(dependencies, {
    name: 'job-orphan-pods',
    for: resources.pods,
    filter: ({ type, object }) => type !== 'deleted' && isTracked(object),
    watches: [
      watchOf(resources.jobs, ({ type, object }) =>
        type === 'deleted' || isFinished(object)
          ? podsBy.controlledBy(object.metadata.uid).filter(isTracked).map(objectKey)
          : [],
      ),
    ],
    reconcile: async ({ object }) => {
      if (object && isTracked(object) && !(await isCounted(object))) await removeTracking(client, object)
    },
  })
}
