import type { GroupVersionResource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { StatusError } from '../../core/api/status.ts'
import type { KubeClient, ObjectRef } from './kube-client.ts'

export interface ApplyOptions {
  dryRun: boolean
  /** Take over fields other managers own. */
  force: boolean
}

export interface ApplyOutcome {
  verb: 'created' | 'configured' | 'unchanged'
  object: KubeObject
  warnings: string[]
}

export type ManifestApplier = (
  resource: GroupVersionResource,
  object: KubeObject,
  options: ApplyOptions,
) => Promise<ApplyOutcome>

/** What a server fills in is not part of a manifest, even when it was copied from one. */
function manifestOf(object: KubeObject): KubeObject {
  const { managedFields, resourceVersion, uid, creationTimestamp, generation, selfLink, ...metadata } =
    object.metadata
  return { ...object, metadata }
}

function comparable(object: KubeObject): string {
  const { managedFields, resourceVersion, generation, ...metadata } = object.metadata
  // Items of a list carry no kind of their own.
  const { apiVersion, kind, ...rest } = object
  return JSON.stringify({ ...rest, metadata })
}

function isUnsupported(error: unknown): boolean {
  return error instanceof StatusError && error.code === 415
}

/**
 * Applies objects one at a time: server-side apply, or, once a server has refused that with 415, create or strategic
 * merge patch. Throws StatusError.
 */
export function createManifestApplier(kube: KubeClient): ManifestApplier {
  let hasServerSideApply = true

  /** By list, since what does not exist is no failure here. */
  async function existing(resource: GroupVersionResource, ref: ObjectRef): Promise<KubeObject | undefined> {
    const query = { fieldSelector: `metadata.name=${ref.name}` }
    const { items } = await kube.list(resource, { namespace: ref.namespace, query })
    return items[0]
  }

  async function write(
    resource: GroupVersionResource,
    manifest: KubeObject,
    context: { options: ApplyOptions; before: KubeObject | undefined },
  ): Promise<{ object: KubeObject; warnings: string[] }> {
    const ref = { namespace: manifest.metadata.namespace, name: manifest.metadata.name }
    const { dryRun, force } = context.options
    if (hasServerSideApply) {
      try {
        return await kube.patch(resource, ref, {
          type: 'apply',
          body: manifest,
          options: { dryRun, force, fieldValidation: 'Strict' },
        })
      } catch (error) {
        if (!isUnsupported(error)) throw error
        hasServerSideApply = false
      }
    }
    if (!context.before) return kube.create(resource, manifest, { dryRun, fieldValidation: 'Strict' })
    const patch = { body: manifest, options: { dryRun, fieldValidation: 'Strict' as const } }
    try {
      return await kube.patch(resource, ref, { type: 'strategic', ...patch })
    } catch (error) {
      if (!isUnsupported(error)) throw error
      return kube.patch(resource, ref, { type: 'merge', ...patch })
    }
  }

  return async (resource, object, options) => {
    const manifest = manifestOf(object)
    if (!manifest.metadata.name && manifest.metadata.generateName) {
      const result = await kube.create(resource, manifest, {
        dryRun: options.dryRun,
        fieldValidation: 'Strict',
      })
      return { verb: 'created', object: result.object as KubeObject, warnings: result.warnings }
    }
    const before = await existing(resource, {
      namespace: manifest.metadata.namespace,
      name: manifest.metadata.name,
    })
    const { object: after, warnings } = await write(resource, manifest, { options, before })
    if (!before) return { verb: 'created', object: after, warnings }
    return {
      verb: comparable(before) === comparable(after) ? 'unchanged' : 'configured',
      object: after,
      warnings,
    }
  }
}
