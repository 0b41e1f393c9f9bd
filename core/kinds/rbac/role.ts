import type { Role } from '../../api/generated/rbac-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { defaultColumns } from '../columns.ts'
import { validateRules } from './rule-validation.ts'

export const role = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  namespaced: true,
  names: { plural: 'roles', singular: 'role' },
  schema: 'io.k8s.api.rbac.v1.Role',
  columns: defaultColumns(),
  validateName: pathSegmentProblems,
  validate: ({ rules }) => validateRules(rules, true),
})
