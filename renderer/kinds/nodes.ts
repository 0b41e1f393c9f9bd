import { CircleSlash, CirclePlay, Server } from '@lucide/vue'
import type { Node } from '../../core/api/generated/core-v1.ts'
import { isConditionTrue } from '../../core/api/conditions.ts'
import { resources } from '../../core/api/resources.ts'
import NodeCapacity from '../components/sections/NodeCapacity.vue'
import NodePods from '../components/sections/NodePods.vue'
import NodeUsage from '../components/sections/NodeUsage.vue'
import NodeSystem from '../components/sections/NodeSystem.vue'
import type { ActionTarget, KindAction } from '../kit/action.ts'
import * as column from '../kit/columns.ts'
import { diagnoseNode } from '../kit/diagnose-node.ts'
import { drainAction } from '../kit/drain-node.ts'
import { usageOf } from '../kit/amount.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { usageColumns } from '../kit/usage-columns.ts'

function isCordoned({ object, row }: ActionTarget): boolean {
  if (object) return (object as Node).spec.unschedulable === true
  return row?.cells.some((cell) => typeof cell === 'string' && cell.includes('SchedulingDisabled')) ?? false
}

function cordoning(unschedulable: boolean): Pick<KindAction, 'bulk' | 'when' | 'dialog'> {
  const verb = unschedulable ? 'cordon' : 'uncordon'
  return {
    bulk: true,
    when: (target) => isCordoned(target) !== unschedulable,
    dialog: {
      body: `action.${verb}Body`,
      confirm: `action.${verb}`,
      kubectl: ({ name }) => `${verb} ${name}`,
      run: (host, { name, resource }) =>
        host.kube.patch(
          resource,
          { name },
          { type: 'merge', body: { spec: { unschedulable: unschedulable || null } } },
        ),
    },
  }
}

/** Nodes. */
export const nodes = defineKindView<Node>({
  resource: resources.nodes,
  section: 'cluster',
  order: 10,
  icon: Server,
  title: 'kind.nodes',
  columns: [
    column.nameColumn(),
    column.statusColumn('Status'),
    column.cellColumn('roles', 'Roles', { title: 'column.roles', width: 110 }),
    ...usageColumns(({ name, data }) => ({
      kind: 'node',
      key: name,
      limits: usageOf(data?.allocatable as Record<string, string> | undefined),
    })),
    column.cellColumn('version', 'Version', { title: 'column.version', width: 100 }),
    column.cellColumn('ip', 'Internal-IP', { title: 'column.ip', width: 120 }),
    column.cellColumn('os', 'OS-Image', { title: 'column.osImage', width: 150, grow: 1, hidden: true }),
    column.cellColumn('runtime', 'Container-Runtime', { title: 'column.runtime', width: 150, grow: 1 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ spec, status }) => {
    const isReady = isConditionTrue(status?.conditions, 'Ready')
    if (!isReady) return { text: 'NotReady', tone: 'bad' }
    return spec.unschedulable
      ? { text: 'Ready,SchedulingDisabled', tone: 'warn' }
      : { text: 'Ready', tone: 'ok' }
  },
  sections: [
    { id: 'usage', title: 'usage.title', component: NodeUsage },
    { id: 'capacity', title: 'section.capacity', component: NodeCapacity },
    { id: 'pods', title: 'kind.pods', component: NodePods },
    { id: 'system', title: 'section.system', component: NodeSystem },
  ],
  actions: [
    { id: 'cordon', title: 'action.cordon', icon: CircleSlash, ...cordoning(true) },
    { id: 'uncordon', title: 'action.uncordon', icon: CirclePlay, ...cordoning(false) },
    drainAction,
  ],
  diagnose: diagnoseNode,
  emptyHint: 'hint.nodes',
})
