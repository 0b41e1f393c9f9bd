import type { KubeObject } from '../../api/meta.ts'

/** An object's PartialObjectMetadata (upstream: meta/v1 PartialObjectMetadata). */
export function partialObjectMetadata({ metadata }: KubeObject): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

/** JSON text of it. */
export function partialObjectMetadataText(object: KubeObject): string {
  return JSON.stringify(partialObjectMetadata(object))
}

/**
 * Makes `partialObjectMetadataText` remember its answer per object. Stored objects never change, so a list that is read
 * again only copies texts.
 */
export function createMetadataWriter(): (object: KubeObject) => string {
  const cache = new WeakMap<KubeObject, string>()
  return (object) => {
    let text = cache.get(object)
    if (text === undefined) {
      text = partialObjectMetadataText(object)
      cache.set(object, text)
    }
    return text
  }
}
