import type { KubeObject } from '../../api/meta.ts'
import { structMetadata } from '../../api/ordered-object.ts'
import type { MetaVersion } from './negotiation.ts'

/** An object's PartialObjectMetadata (upstream: meta/v1 PartialObjectMetadata). */
export function partialObjectMetadata(object: KubeObject, version: MetaVersion = 'v1'): KubeObject {
  const metadata = structMetadata(object)
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata }
}

/** JSON text of it. */
function partialObjectMetadataText(object: KubeObject, version?: MetaVersion): string {
  return JSON.stringify(partialObjectMetadata(object, version))
}

/**
 * Makes `partialObjectMetadataText` remember its answer per object, in the version that clients ask for. Stored objects never change, so a list that is read
 * again only copies texts.
 */
export function createMetadataWriter(): (object: KubeObject, version: MetaVersion) => string {
  const cache = new WeakMap<KubeObject, string>()
  return (object, version) => {
    if (version !== 'v1') return partialObjectMetadataText(object, version)
    let text = cache.get(object)
    if (text === undefined) {
      text = partialObjectMetadataText(object)
      cache.set(object, text)
    }
    return text
  }
}
