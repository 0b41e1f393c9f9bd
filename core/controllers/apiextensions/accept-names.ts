import { approvalOf, isProtectedGroup } from '../../api/api-approval.ts'
import { findCondition, setCondition } from '../../api/conditions.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../api/generated/apiextensions-v1.ts'

type Status = NonNullable<CustomResourceDefinition['status']>

/**
 * The status of a definition after its names were held against those that the others of its group have (upstream:
 * apiextensions-apiserver pkg/controller/status naming_controller.go, and establish). Names that are taken are left as
 * they were accepted before; once all are accepted the definition is established, and stays so.
 */
export function acceptNames(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): Status {
  const { names: wanted } = crd.spec
  const taken = takenNames(others)
  const accepted: CustomResourceDefinitionNames = {
    ...(crd.status?.acceptedNames ?? { kind: '', plural: '' }),
  }
  const conflicts: { reason: string; message: string }[] = []
  const claims = [
    { name: 'plural', reason: 'PluralConflict', among: taken.resources },
    { name: 'singular', reason: 'SingularConflict', among: taken.resources },
    { name: 'kind', reason: 'KindConflict', among: taken.kinds },
    { name: 'listKind', reason: 'ListKindConflict', among: taken.kinds },
  ] as const
  for (const { name, reason, among } of claims) {
    const value = wanted[name]
    if (value === undefined || value === accepted[name]) continue
    if (among.has(value)) conflicts.push({ reason, message: inUse(value) })
    else accepted[name] = value
  }
  const clashing = (wanted.shortNames ?? []).filter(
    (name) => !accepted.shortNames?.includes(name) && taken.resources.has(name),
  )
  if (clashing.length === 0) setList(accepted, 'shortNames', wanted.shortNames)
  else {
    const texts = clashing.map(inUse)
    const message = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
    conflicts.push({ reason: 'ShortNamesConflict', message })
  }
  setList(accepted, 'categories', wanted.categories)
  return { ...crd.status, acceptedNames: accepted, conditions: conditionsOf(crd, conflicts.at(-1), now) }
}

function setList(
  names: CustomResourceDefinitionNames,
  name: 'shortNames' | 'categories',
  value: string[] | undefined,
): void {
  if (value && value.length > 0) names[name] = value
  else delete names[name]
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`
}

function takenNames(others: readonly CustomResourceDefinition[]): {
  resources: Set<string>
  kinds: Set<string>
} {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { status } of others) {
    const names = status?.acceptedNames
    if (!names) continue
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])])
      if (name) resources.add(name)
    for (const name of [names.kind, names.listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}

function conditionsOf(
  crd: CustomResourceDefinition,
  conflict: { reason: string; message: string } | undefined,
  now: string,
): CustomResourceDefinitionCondition[] {
  const before = crd.status?.conditions
  const accepted = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
  const approval = approvalCondition(crd)
  const approved = approval ? setCondition<CustomResourceDefinitionCondition>(before, approval, now) : before
  const conditions = setCondition<CustomResourceDefinitionCondition>(approved, accepted, now)
  if (findCondition(before, 'Established')?.status === 'True') return conditions
  const established = conflict
    ? { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    : { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
  return setCondition<CustomResourceDefinitionCondition>(
    conditions,
    { type: 'Established', ...established },
    now,
  )
}

const approvalReasons = {
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
  invalid: 'InvalidAnnotation',
  missing: 'MissingAnnotation',
}

/** Whether an API of the Kubernetes community is approved (upstream: pkg/controller/apiapproval). */
function approvalCondition({
  metadata,
  spec,
}: CustomResourceDefinition): CustomResourceDefinitionCondition | undefined {
  if (!isProtectedGroup(spec.group)) return undefined
  const { state, reason: message } = approvalOf(metadata.annotations)
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: state === 'approved' ? 'True' : 'False',
    reason: approvalReasons[state],
    message,
  }
}
