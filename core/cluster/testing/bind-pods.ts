import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { TestControlPlane } from './test-control-plane.ts'

/** Binds every pod without a node to this one, in place of a scheduler. Dispose ends it. */
export function bindPods(plane: TestControlPlane, nodeName: string): Disposable {
  async function bind({ metadata, spec }: Pod): Promise<void> {
    if (spec.nodeName || metadata.deletionTimestamp) return
    const { namespace = '', name, uid = '' } = metadata
    await plane.client.createSubresource(resources.pods, { namespace, name, subresource: 'binding' }, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, uid },
      target: { kind: 'Node', name: nodeName },
    } as never)
  }
  const onPod = (pod: Pod): void =>
    void bind(pod).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error
    })
  return plane.informers.informer(resources.pods).addHandler({ added: onPod, updated: onPod })
}
