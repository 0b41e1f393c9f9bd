import type { FilterPlugin } from '../plugin.ts'

const rejection = { reasons: ["node(s) didn't match the requested node name"], isResolvable: false }

/** A pod that names a node goes nowhere else (upstream: plugins/nodename). */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.spec.nodeName
    return wanted ? { check: (node) => (node.name === wanted ? undefined : rejection) } : undefined
  },
}
