import type { Registry } from '../registry/registry.ts'
import type { VirtualAnswer } from '../registry/verbs/scope.ts'

/** Answers the creation of a Binding: the older way to bind a pod is the newer one under another name, which keeps no uid. */
export function createLegacyBinding(registry: () => Registry): VirtualAnswer {
  return async (object, context) => {
    const { uid: _, ...metadata } = object.metadata
    const { namespace, name } = metadata
    const pods = registry().resource('', 'v1', 'pods')!
    const options = { context, subresource: 'binding' }
    return (await pods.createSubresource({ namespace, name }, { ...object, metadata }, options)).object
  }
}
