import type { ClusterRole } from '../../api/generated/rbac-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { defaultColumns } from '../columns.ts'
import { invalidValue, required } from '../../api/field-errors.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateRules } from './rule-validation.ts'

export const clusterRole = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  namespaced: false,
  names: { plural: 'clusterroles', singular: 'clusterrole' },
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  columns: defaultColumns(),
  validateName: pathSegmentProblems,
  validate: ({ rules, aggregationRule }) => [
    ...validateRules(rules, false),
    ...(aggregationRule ? validateSelectors(aggregationRule.clusterRoleSelectors ?? []) : []),
  ],
})

function validateSelectors(selectors: Parameters<typeof validateLabelSelector>[0][]): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0)
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, at) => {
    const errors = validateLabelSelector(selector, `${path}[${at}]`)
    // Upstream shows what it could make of the selector, which is nothing.
    return errors.length > 0
      ? [...errors, invalidValue(`${path}[${at}]`, null, 'invalid label selector.')]
      : errors
  })
}
