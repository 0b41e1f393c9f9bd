import type { Pod } from '../../../api/generated/core-v1.ts'
import { mirrorAnnotation } from '../../../api/static-pod.ts'
import { invalid } from '../../../api/status.ts'
import type { FieldError } from '../../../api/status.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { equalInside } from '../../validation/internal-form.ts'
import { internalDiff } from '../../validation/unified-diff.ts'
import { forbiddenField } from '../../../api/field-errors.ts'
import { validatePod } from './pod-validation.ts'

/**
 * `pods/ephemeralcontainers`: adds containers for debugging to a pod that exists (upstream: pkg/registry/core/pod/storage
 * EphemeralContainersREST). All other changes in the body are dropped; 422 when one that is there was changed or removed.
 */
export const ephemeralContainersSubresource: SubresourceDefinition<Pod> = {
  body: { group: '', version: 'v1', kind: 'Pod', schema: 'io.k8s.api.core.v1.Pod' },
  verbs: ['get', 'patch', 'update'],
  apply(pod, body) {
    const { ephemeralContainers } = (body as Pod).spec
    const { ephemeralContainers: _, ...spec } = pod.spec
    const next: Pod = { ...pod, spec: ephemeralContainers?.length ? { ...spec, ephemeralContainers } : spec }
    const errors = validateAddition(next, pod)
    if (errors.length > 0) throw invalid({ group: '', kind: 'Pod' }, pod.metadata.name, errors)
    return next
  },
}

/** What is there stays as it is (upstream: ValidatePodEphemeralContainersUpdate). */
function validateAddition(pod: Pod, old: Pod): FieldError[] {
  const path = 'spec.ephemeralContainers'
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField('[]', 'static pods do not support ephemeral containers')]
  }
  const now = new Map((pod.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  const lost = (old.spec.ephemeralContainers ?? []).flatMap((before) => {
    const after = now.get(before.name)
    if (!after) {
      return [forbiddenField(path, `existing ephemeral containers "${before.name}" may not be removed\n`)]
    }
    const type = 'core.EphemeralContainer'
    if (equalInside(type, after, before)) return []
    const changed = internalDiff(type, before, after)
    const why = `existing ephemeral containers "${before.name}" may not be changed\n${changed}`
    return [forbiddenField(path, why)]
  })
  return [...validatePod(pod), ...lost]
}
