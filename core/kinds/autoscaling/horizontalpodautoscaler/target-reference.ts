import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerSpec,
} from '../../../api/generated/autoscaling-v2.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { validatePathSegment } from '../../validation/path-segment.ts'

/** What the API version of a reference may be. */
export interface VersionRules {
  /** Whether it may name no group, as that of the core group does. */
  allowsNoGroup: boolean
  /** Whether it may be anything, as the stored one is wrong already. */
  allowsAny: boolean
}

/** The rules of both places that refer to objects. */
export interface ReferenceRules {
  target: VersionRules
  metrics: VersionRules
}

/** How strictly the references of a spec are judged, given the stored one (upstream: the strategy's validation options). */
export function referenceRules(
  spec: HorizontalPodAutoscalerSpec,
  old: HorizontalPodAutoscalerSpec | undefined,
): ReferenceRules {
  const target = { allowsNoGroup: spec.scaleTargetRef?.kind === 'ReplicationController', allowsAny: false }
  const metrics = { allowsNoGroup: true, allowsAny: false }
  if (!old) return { target, metrics }
  target.allowsAny = versionProblem(old.scaleTargetRef?.apiVersion, target) !== undefined
  metrics.allowsAny = (old.metrics ?? []).some(
    ({ type, object }) =>
      type === 'Object' && versionProblem(object?.describedObject?.apiVersion, metrics) !== undefined,
  )
  return { target, metrics }
}

/** A reference to an object that can be scaled or measured. */
export function validateTargetReference(
  reference: CrossVersionObjectReference | undefined,
  path: string,
  rules: VersionRules,
): FieldError[] {
  const apiVersion = reference?.apiVersion ?? ''
  const problem = versionProblem(apiVersion, rules)
  return [
    ...validatePathSegment(reference?.kind, `${path}.kind`),
    ...validatePathSegment(reference?.name, `${path}.name`),
    ...(problem === undefined ? [] : [invalidValue(`${path}.apiVersion`, apiVersion, problem)]),
  ]
}

function versionProblem(apiVersion = '', rules: VersionRules): string | undefined {
  if (rules.allowsAny) return undefined
  const parts = apiVersion === '/' ? [] : apiVersion.split('/')
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`
  const group = parts.length === 2 ? parts[0] : ''
  return group || rules.allowsNoGroup ? undefined : 'apiVersion must specify API group'
}
