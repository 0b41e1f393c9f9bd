import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { shownNodeTerm } from './node-selector-validation.ts'

/**
 * What may change in where a pod can run while gates keep it from being scheduled: it may be narrowed (upstream:
 * validation.go ValidatePodUpdate, for gated pods). Sets back in `munged` what is judged here.
 */
export function mungeGated(munged: PodSpec, old: PodSpec): FieldError[] {
  const errors = [
    ...validateNodeSelector(munged.nodeSelector, old.nodeSelector, 'spec.nodeSelector'),
    ...validateNodeAffinity(
      munged.affinity?.nodeAffinity,
      old.affinity?.nodeAffinity,
      'spec.affinity.nodeAffinity',
    ),
  ]
  if (old.nodeSelector) munged.nodeSelector = old.nodeSelector
  else delete munged.nodeSelector
  const { nodeAffinity: after, ...others } = munged.affinity ?? {}
  const before = old.affinity?.nodeAffinity
  if (before) munged.affinity = { ...others, nodeAffinity: before }
  else if (after && !old.affinity && Object.keys(others).length === 0) delete munged.affinity
  else if (munged.affinity) munged.affinity = others
  return errors
}

function validateNodeSelector(
  labels: Record<string, string> | undefined,
  old: Record<string, string> | undefined,
  path: string,
): FieldError[] {
  if (Object.entries(old ?? {}).every(([key, value]) => labels?.[key] === value)) return []
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return [invalidValue(path, labels, why)]
}

function validateNodeAffinity(
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
  path: string,
): FieldError[] {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const after = terms ?? []
  if (before.length === 0) return []
  const where = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  if (before.length !== after.length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    return [invalidValue(where, terms?.map(shownNodeTerm), why)]
  }
  return after.flatMap((term, at) => {
    if (isNarrower(term, before[at]!)) return []
    const why = 'only additions are allowed (no mutations or deletions)'
    return [invalidValue(`${where}[${at}]`, shownNodeTerm(term), why)]
  })
}

/** An empty term selects nothing, so that anything added to it would widen it. */
function isNarrower(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const
  const isEmpty = (one: NodeSelectorTerm): boolean => lists.every((list) => !one[list]?.length)
  if (isEmpty(old)) return isEmpty(term)
  return lists.every((list) => {
    const before = old[list] ?? []
    return deepEqual((term[list] ?? []).slice(0, before.length), before)
  })
}
