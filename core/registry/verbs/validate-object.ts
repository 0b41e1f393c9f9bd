import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import { invalid } from '../../api/status.ts'
import type { FieldError } from '../../api/status.ts'
import { unqualifiedFinalizers, validateMetadata, validateMetadataUpdate } from '../validation/metadata.ts'
import { type OwnRules, updateSteps } from '../validation/update-steps.ts'
import { dns1123SubdomainProblems, pathPrefixProblems, pathSegmentProblems } from '../../api/names.ts'
import { isCustom } from '../kind.ts'
import type { ResourceScope } from './scope.ts'

/** Groups of the API machinery itself, which ask less of finalizers than other built-in ones. */
const machinery = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
])

/** Custom resources have a schema of their own; theirs too may have finalizers of any name. */
function qualifiesFinalizers({ definition }: ResourceScope): boolean {
  return !isCustom(definition) && !machinery.has(definition.group)
}

/** Throws Invalid with every problem of a new object. */
export function validateNewObject(scope: ResourceScope, object: KubeObject): void {
  const { definition, schema } = scope
  refuse(scope, object, [
    ...validateMetadata(object.metadata, {
      namespaced: definition.namespaced,
      nameProblems: nameRuleOf(definition),
      qualifiesFinalizers: qualifiesFinalizers(scope),
    }),
    ...schema.validate(object, {
      own: [...(definition.validate?.(object) ?? []), ...(definition.validateCreate?.(object) ?? [])],
    }),
  ])
}

function nameRuleOf({ validateName }: ResourceScope['definition']): (name: string) => string[] {
  return (name) => (validateName ? validateName(name) : dns1123SubdomainProblems(name))
}

/** Throws Invalid with what is wrong with an object before it is given anything. */
export function validateBeforeAllocation(scope: ResourceScope, object: KubeObject): void {
  refuse(scope, object, scope.definition.validateBeforeAllocation?.(object) ?? [])
}

export interface Change {
  object: KubeObject
  old: KubeObject
  /** The subresource the change came through. */
  subresource: string | undefined
}

/** Throws Invalid with every problem of a change. Through `/status` only the status rules count. */
export function validateChange(
  scope: ResourceScope,
  { object, old, subresource }: Change,
  warn?: (message: string) => void,
): void {
  const { definition, schema } = scope
  const own: Own = { rules: [], changeRules: [] }
  const isStatus = subresource === 'status'
  if (isStatus) own.changeRules = definition.status?.validateUpdate?.(object, old) ?? []
  // A named subresource such as binding may change what an update may not; it checks that in its own `apply`.
  else if (subresource === undefined || !definition.subresources?.[subresource]) {
    own.rules = definition.validate?.(object) ?? []
    own.changeRules = definition.validateUpdate?.(object, old) ?? []
  }
  const found = inOrder(scope, { object, old, subresource }, own)
  const errors = [
    ...found.before,
    ...schema.validate(object, { old, own: found.own, isStatus, ...(warn && { warn }) }),
  ]
  refuse(scope, object, withoutTolerated(definition, errors, old))
}

type Own = Record<OwnRules, FieldError[]>

/**
 * The problems of metadata and the kind's own in upstream's order: first what every update is judged by, and then what the kind
 * judges, metadata once more. What a custom resource's schema finds comes between both parts.
 */
function inOrder(
  { definition }: ResourceScope,
  { object, old, subresource }: Change,
  own: Own,
): { before: FieldError[]; own: FieldError[] } {
  const { group, names } = definition
  const metadata = metadataErrors(definition, object, old)
  // As nearly every update is: its order matters to nobody.
  const isFine = [...Object.values(metadata), ...Object.values(own)].every((errors) => errors.length === 0)
  if (isFine) return { before: [], own: [] }
  const isWhole = subresource === undefined || subresource === 'scale'
  const facts = { plural: names.plural, group, isCustom: isCustom(definition) }
  const steps = updateSteps(facts, !isWhole)
  const left = new Set<OwnRules>(['rules', 'changeRules'])
  const found = steps.flatMap((step) => {
    if (typeof step !== 'string') {
      return [...metadata[step.of], ...(step.qualifiesFinalizers ? metadata.unqualified : [])]
    }
    left.delete(step)
    return own[step]
  })
  const last = [...left].flatMap((rules) => own[rules])
  return { before: [...metadata.ofServer, ...metadata.change, ...found], own: last }
}

function metadataErrors(
  definition: ResourceScope['definition'],
  { metadata }: KubeObject,
  old: KubeObject,
): Record<'ofServer' | 'object' | 'change' | 'unqualified', FieldError[]> {
  const { namespaced } = definition
  const ofServer = validateMetadata(metadata, {
    namespaced,
    nameProblems: pathSegmentProblems,
    prefixProblems: pathPrefixProblems,
  })
  return {
    ofServer,
    // The name has been judged when it was given. What it was made from may change, and kinds have rules of their own for it.
    object: metadata.generateName
      ? validateMetadata(metadata, { namespaced, nameProblems: nameRuleOf(definition) })
      : ofServer,
    change: validateMetadataUpdate(metadata, old.metadata),
    unqualified: unqualifiedFinalizers(metadata),
  }
}

/** The problems without those that the stored object has too, where the kind tolerates them; costs nothing where all is well. */
function withoutTolerated(
  { toleratedWhenStored = [], validate, validateUpdate }: ResourceScope['definition'],
  errors: FieldError[],
  old: KubeObject,
): FieldError[] {
  const isTolerable = ({ field }: FieldError): boolean =>
    toleratedWhenStored.some((pattern) => pattern.test(field))
  if (!errors.some(isTolerable)) return errors
  // Where in a list it stands says nothing of whether it was there before.
  const nameOf = ({ type, field, message }: FieldError): string =>
    `${type} ${field.replaceAll(/\[\d+\]/g, '[]')} ${message}`
  const stored = [...(validate?.(old) ?? []), ...(validateUpdate?.(old, old) ?? [])]
  const before = new Set(stored.map(nameOf))
  return errors.filter((error) => !isTolerable(error) || !before.has(nameOf(error)))
}

/** Hands the kind's warnings to the caller. */
export function warnAbout(
  scope: ResourceScope,
  context: RequestContext,
  change: Omit<Change, 'old'> & { old: KubeObject | undefined },
): void {
  const { object, old, subresource } = change
  const { warnings, status, subresources } = scope.definition
  if (subresource !== undefined && subresources?.[subresource]) return
  const messages = subresource === 'status' ? status?.warnings?.(object) : warnings?.(object, old)
  for (const message of messages ?? []) context.warn(message)
}

function refuse(scope: ResourceScope, object: KubeObject, errors: FieldError[]): void {
  if (errors.length === 0) return
  // Upstream names the kind of its internal type, which events of both groups share.
  const { definition } = scope
  const { group, kind } = definition.storedAs?.definition ?? definition
  throw invalid({ group, kind }, object.metadata.name, errors)
}
