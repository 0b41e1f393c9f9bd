import type { Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound, StatusError } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { draft } from '../../client/draft.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { controllerReference, referenceTo } from '../../client/object-reference.ts'

/** Creates and deletes pods on behalf of an owner and writes upstream's events about it on the owner. */
export interface PodControl {
  /** A pod from the template, named `<owner>-<random>`, controlled by the owner. */
  create(template: PodTemplateSpec | undefined, owner: KubeObject): Promise<Pod>
  /** Deletes the pod; one that is gone already counts as deleted. */
  delete(pod: Pod, owner: KubeObject): Promise<void>
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether a create failed because the namespace is going away: nobody needs to be told. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false
  return error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
}

/** Pod control for owners of one resource (upstream: controller.RealPodControl). */
export function createPodControl(options: {
  client: Client
  recorder: EventRecorder
  ownerResource: Resource
}): PodControl {
  const { client, recorder, ownerResource } = options
  return {
    async create(template, owner) {
      const { name, namespace } = owner.metadata
      const pod: Pod = {
        metadata: {
          name: '',
          generateName: `${name}-`,
          ...(namespace === undefined ? {} : { namespace }),
          labels: { ...template?.metadata?.labels },
          annotations: { ...template?.metadata?.annotations },
          ...(template?.metadata?.finalizers ? { finalizers: [...template.metadata.finalizers] } : {}),
          ownerReferences: [controllerReference(ownerResource, owner)],
        },
        spec: draft(template?.spec ?? { containers: [] }),
      }
      const involved = referenceTo(ownerResource, owner)
      try {
        const created = await client.create(resources.pods, pod)
        const message = `Created pod: ${created.metadata.name}`
        recorder.record(involved, { type: 'Normal', reason: 'SuccessfulCreate', message })
        return created
      } catch (error) {
        if (!isNamespaceTerminating(error)) {
          const message = `Error creating: ${text(error)}`
          recorder.record(involved, { type: 'Warning', reason: 'FailedCreate', message })
        }
        throw error
      }
    },
    async delete(pod, owner) {
      const { name, namespace, uid } = pod.metadata
      const ref = namespace === undefined ? { name } : { namespace, name }
      const involved = referenceTo(ownerResource, owner)
      try {
        await client.delete(resources.pods, ref, uid === undefined ? {} : { preconditions: { uid } })
      } catch (error) {
        if (isNotFound(error)) throw error
        const message = `Error deleting: ${text(error)}`
        recorder.record(involved, { type: 'Warning', reason: 'FailedDelete', message })
        throw error
      }
      recorder.record(involved, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted pod: ${name}`,
      })
    },
  }
}
