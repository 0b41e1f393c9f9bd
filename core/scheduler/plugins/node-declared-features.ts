import type { Pod } from '../../api/generated/core-v1.ts'
import type { FilterPlugin } from '../plugin.ts'

const rejection = { reasons: ["node(s) didn't match Pod's required features"], isResolvable: false }

/** What the pod needs that not every node of this version has (upstream: component-helpers/nodedeclaredfeatures). */
function requiredFeatures({ spec: { containers, initContainers = [] } }: Pod): string[] {
  const restartsAll = [...initContainers, ...containers].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  )
  return restartsAll ? ['RestartAllContainersOnContainerExits'] : []
}

/** A pod goes to nodes only that declare the features it needs (upstream: plugins/nodedeclaredfeatures). */
export const nodeDeclaredFeatures: FilterPlugin = {
  name: 'NodeDeclaredFeatures',
  prepare({ pod }) {
    const required = requiredFeatures(pod)
    if (required.length === 0) return undefined
    return {
      check: ({ node }) =>
        required.every((feature) => node?.status?.declaredFeatures?.includes(feature))
          ? undefined
          : rejection,
    }
  },
}
