import type { Node } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { warnOfCidr } from '../validation/address-warnings.ts'
import { validateNode, validateNodeUpdate } from './node-validation.ts'
import { roundQuantities } from './resource-lists.ts'

const rolePrefix = 'node-role.kubernetes.io/'

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  namespaced: false,
  names: { plural: 'nodes', singular: 'node', short: ['no'] },
  schema: 'io.k8s.api.core.v1.Node',
  toleratedWhenStored: [/^spec\.podCIDRs\[\d+\]$/],
  tracksGeneration: false,
  columns: [
    nameColumn(),
    { name: 'Status', type: 'string', value: statusText },
    { name: 'Roles', type: 'string', value: rolesText },
    ageColumn(),
    { name: 'Version', type: 'string', value: (object) => object.status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', type: 'string', priority: 1, value: (object) => addressOf(object, 'InternalIP') },
    { name: 'External-IP', type: 'string', priority: 1, value: (object) => addressOf(object, 'ExternalIP') },
    {
      name: 'OS-Image',
      type: 'string',
      priority: 1,
      value: (object) => object.status?.nodeInfo?.osImage || '<unknown>',
    },
    {
      name: 'Kernel-Version',
      type: 'string',
      priority: 1,
      value: (object) => object.status?.nodeInfo?.kernelVersion || '<unknown>',
    },
    {
      name: 'Container-Runtime',
      type: 'string',
      priority: 1,
      value: (object) => object.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    },
  ],
  default(object) {
    object.spec ??= {}
    const { spec, status } = object
    // Two names of one field: the older is the first of the newer, and counts where they differ.
    if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR]
    else if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
    if (!status) return
    if (status.capacity) {
      roundQuantities(status.capacity)
      status.allocatable ??= { ...status.capacity }
    }
    roundQuantities(status.allocatable)
  },
  // Nodes are not configured through the API any more; what an old client sends of it is not kept.
  prepareForCreate: ({ spec }) => void delete spec?.configSource,
  warnings: ({ spec }) => [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((cidr, at) => warnOfCidr(cidr, `spec.podCIDRs[${at}]`)),
  ],
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  // A kubelet registers its node with capacity and conditions in one write.
  status: { keptOnCreate: true, validateUpdate: validateNodeUpdate },
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec.unschedulable ?? false) },
})

function statusText(object: Node): string {
  const ready = findCondition(object.status?.conditions, 'Ready')
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return object.spec.unschedulable ? `${text},SchedulingDisabled` : text
}

function rolesText(object: Node): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    const role = key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : ''
    if (role) roles.add(role)
    else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].sort().join(',') || '<none>'
}

function addressOf(object: Node, type: string): string {
  return object.status?.addresses?.find((address) => address.type === type)?.address || '<none>'
}
