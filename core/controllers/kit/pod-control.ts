import type { Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound, StatusError } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { podFromTemplate } from './pod-from-template.ts'

/** Creates and deletes pods on behalf of an owner and writes upstream's events about it on the owner. */
export interface PodControl {
  /** A pod from the template, controlled by the owner, named `<owner>-<random>` or by another prefix. */
  create(template: PodTemplateSpec | undefined, owner: KubeObject, generateName?: string): Promise<Pod>
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
    async create(template, owner, generateName = `${owner.metadata.name}-`) {
      const pod = podFromTemplate(template, owner, ownerResource)
      pod.metadata.generateName = generateName
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
