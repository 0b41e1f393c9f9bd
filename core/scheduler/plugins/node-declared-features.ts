import type { Pod } from '../../api/generated/core-v1.ts'
import { canRestartAll } from '../../api/restart-rules.ts'
import type { FilterPlugin } from '../plugin.ts'

const rejection = { reasons: ["node(s) didn't match Pod's required features"], isResolvable: false }

/** What the pod needs that not every node of this version has (upstream: component-helpers/nodedeclaredfeatures). */
function requiredFeatures({ spec }: Pod): string[] {
  return canRestartAll(spec) ? ['RestartAllContainersOnContainerExits'] : []
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
