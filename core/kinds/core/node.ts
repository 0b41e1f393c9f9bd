import type { Node, Taint } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { duplicate, forbiddenField, invalidFor, notSupported, required } from '../validation/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { canonicalizeQuantities } from './pod/defaults.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const rolePrefix = 'node-role.kubernetes.io/'

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  namespaced: false,
  names: { plural: 'nodes', singular: 'node', short: ['no'] },
  schema: 'io.k8s.api.core.v1.Node',
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
    const { status } = object
    if (!status) return
    if (status.capacity) {
      canonicalizeQuantities(status.capacity)
      status.allocatable ??= { ...status.capacity }
    }
    if (status.allocatable) canonicalizeQuantities(status.allocatable)
  },
  validate: (object) => validateTaints(object.spec.taints, 'spec.taints'),
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    const [podCIDR, before] = [object.spec.podCIDR ?? '', old.spec.podCIDR ?? '']
    if (before && podCIDR !== before) {
      errors.push(
        forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'),
      )
    }
    if (old.spec.providerID && object.spec.providerID !== old.spec.providerID) {
      const why = 'node updates may not change providerID except from "" to valid'
      errors.push(forbiddenField('spec.providerID', why))
    }
    return errors
  },
  // A kubelet registers its node with capacity and conditions in one write.
  status: { keptOnCreate: true },
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

function validateTaints(taints: Taint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return (taints ?? []).flatMap((taint, at) => {
    const where = `${path}[${at}]`
    const { key = '', value = '', effect } = taint
    const errors = [
      ...invalidFor(`${where}.key`, key, checkQualifiedName(key)),
      ...invalidFor(`${where}.value`, value, checkLabelValue(value)),
    ]
    if (!effect) errors.push(required(`${where}.effect`))
    else if (!effects.includes(effect)) errors.push(notSupported(`${where}.effect`, effect, effects))
    if (seen.has(`${key}:${effect}`)) errors.push(duplicate(where, taint))
    seen.add(`${key}:${effect}`)
    return errors
  })
}
