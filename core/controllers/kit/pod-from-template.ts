import type { Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { draft } from '../../client/draft.ts'
import { controllerReference } from '../../client/object-reference.ts'

/**
 * A pod as the template describes it, in its owner's namespace and controlled by it, without a name (upstream:
 * controller.GetPodFromTemplate). It shares nothing with the template.
 */
export function podFromTemplate(
  template: PodTemplateSpec | undefined,
  owner: KubeObject,
  ownerResource: Resource,
): Pod {
  const { namespace } = owner.metadata
  const { labels, annotations, finalizers } = template?.metadata ?? {}
  return {
    metadata: {
      name: '',
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels },
      annotations: { ...annotations },
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [controllerReference(ownerResource, owner)],
    },
    spec: draft(template?.spec ?? { containers: [] }),
  }
}
