/**
 * Paths of problems that upstream tolerates in objects that have them already, as `toleratedWhenStored` of a kind: rules that came
 * after objects could break them (upstream: the validation options that strategies make from the old object).
 */

/** Values in the expressions of label selectors (AllowInvalidLabelValueInSelector). */
export const selectorValues = /\bmatchExpressions\[\d+\]\.values\b/

/** Expressions of CEL that this version does not compile (preexistingExpressions). */
export const expressions = /\b(?:messageExpression|valueExpression|expression)$/i

/** In pods and templates of pods (pkg/api/pod GetValidationOptionsFromPodSpecAndMeta). */
export const podTolerances: readonly RegExp[] = [
  selectorValues,
  /\bannotations\[controller\.kubernetes\.io\/pod-deletion-cost\]$/,
  /\btopologySpreadConstraints\[\d+\]\.labelSelector\b/,
  /\bhostAliases\[\d+\]\.ip$/,
  /\bdnsConfig\.nameservers\[\d+\]$/,
  /\bvolumes\[\d+\]\.projected\.sources\[\d+\]\.serviceAccountToken\.path$/,
]
