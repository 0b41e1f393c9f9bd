import { tolerates } from '../../api/taints.ts'
import type { FilterPlugin } from '../plugin.ts'

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const rejection = { reasons: ['node(s) were unschedulable'], isResolvable: false }

/** Cordoned nodes take only pods that tolerate it (upstream: plugins/nodeunschedulable). */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    if (pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint))) return undefined
    return { check: ({ node }) => (node?.spec?.unschedulable ? rejection : undefined) }
  },
}
