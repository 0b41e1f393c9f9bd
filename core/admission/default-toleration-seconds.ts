import type { Pod, Toleration } from '../api/generated/core-v1.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import { isPodCreation, isPodUpdate } from './admission-forbidden.ts'

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const tolerationSeconds = 300

/**
 * A pod stays five minutes on a node that is not ready or cannot be reached, unless it says otherwise, also
 * after an update that leaves it out (upstream: plugin/pkg/admission/defaulttolerationseconds).
 */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(attributes) {
    if (!(isPodCreation(attributes) || isPodUpdate(attributes)) || !attributes.object) return
    const { spec } = attributes.object as Pod
    const given = spec.tolerations ?? []
    const missing = keys.filter((key) => !given.some((toleration) => covers(toleration, key)))
    if (missing.length === 0) return
    spec.tolerations = [
      ...given,
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
    ]
  },
}

function covers(toleration: Toleration, key: string): boolean {
  return (
    (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute')
  )
}
