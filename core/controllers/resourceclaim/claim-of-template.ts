import type { Pod, PodResourceClaim } from '../../api/generated/core-v1.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/generated/resource-v1.ts'
import { resources } from '../../api/resources.ts'
import { controllerReference } from '../../client/object-reference.ts'

/** On a claim made from a template: which of the pod's claims it is (upstream: podResourceClaimAnnotation). */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name'

/** Leaves room for a hyphen and five random characters in a name of 63. */
const longestBase = 57

/** The claim of a pod's entry, from its template, owned by the pod (upstream: pkg/controller/resourceclaim handleClaim). */
export function claimOfTemplate(
  pod: Pod,
  { name }: PodResourceClaim,
  template: ResourceClaimTemplate,
): ResourceClaim {
  const { metadata = {}, spec } = template.spec
  const { labels, annotations } = metadata as {
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  return {
    metadata: {
      name: '',
      generateName: `${baseName(pod.metadata.name, name)}-`,
      namespace: pod.metadata.namespace ?? '',
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [podClaimAnnotation]: name },
      ownerReferences: [controllerReference(resources.pods, pod)],
    },
    spec,
  }
}

/** Both names, each cut by its share when they are too long together. */
function baseName(pod: string, claim: string): string {
  const whole = `${pod}-${claim}`
  if (whole.length <= longestBase) return whole
  const cut = (text: string): string => text.slice(0, Math.floor((text.length * longestBase) / whole.length))
  return `${cut(pod)}-${cut(claim)}`
}
