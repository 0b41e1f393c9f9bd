import type { RoleRef, Subject } from '../../api/generated/rbac-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import type { Column, KindDefinition } from '../../registry/kind.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'

const rbacGroup = 'rbac.authorization.k8s.io'

/** What RoleBinding and ClusterRoleBinding have in common. */
interface Binding extends KubeObject {
  roleRef: RoleRef
  subjects?: Subject[]
}

type BindingBehaviour = Pick<
  KindDefinition<Binding>,
  'columns' | 'default' | 'validateName' | 'validate' | 'validateUpdate'
>

/**
 * Columns, defaults and validation of a binding; `roleKinds` are what it may refer to (upstream: pkg/apis/rbac/v1/
 * defaults.go and pkg/apis/rbac/validation).
 */
export function bindingBehaviour(options: { roleKinds: string[]; isNamespaced: boolean }): BindingBehaviour {
  const { roleKinds, isNamespaced } = options
  return {
    columns: [
      nameColumn(),
      { name: 'Role', type: 'string', value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
      ageColumn(),
      subjectsColumn('Users', 'User'),
      subjectsColumn('Groups', 'Group'),
      subjectsColumn('ServiceAccounts', 'ServiceAccount'),
    ],
    default(object) {
      object.roleRef.apiGroup ||= rbacGroup
      for (const subject of object.subjects ?? []) {
        if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
      }
    },
    validateName: pathSegmentProblems,
    validate: ({ roleRef, subjects = [] }) => [
      ...validateRoleRef(roleRef, roleKinds),
      ...subjects.flatMap((subject, at) => validateSubject(subject, isNamespaced, `subjects[${at}]`)),
    ],
    validateUpdate: ({ roleRef }, { roleRef: old }) =>
      roleRef.apiGroup === old.apiGroup && roleRef.kind === old.kind && roleRef.name === old.name
        ? []
        : [invalidValue('roleRef', shownRef(roleRef), 'cannot change roleRef')],
  }
}

/** Upstream prints its internal type, whose field names are Go's. */
function shownRef({ apiGroup, kind, name }: RoleRef): object {
  return { APIGroup: apiGroup, Kind: kind, Name: name }
}

function subjectsColumn(name: string, kind: string): Column<Binding> {
  return {
    name,
    type: 'string',
    priority: 1,
    value: ({ subjects = [] }) =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map((subject) =>
          kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name,
        )
        .join(', '),
  }
}

function validateRoleRef({ apiGroup, kind, name }: RoleRef, roleKinds: string[]): FieldError[] {
  const errors: FieldError[] = []
  if (apiGroup !== rbacGroup) errors.push(notSupported('roleRef.apiGroup', apiGroup ?? '', [rbacGroup]))
  if (!roleKinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind ?? '', roleKinds))
  if (!name) errors.push(required('roleRef.name'))
  else errors.push(...invalidFor('roleRef.name', name, pathSegmentProblems(name)))
  return errors
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const { apiGroup = '', kind, name, namespace } = subject
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${path}.name`))
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...invalidFor(`${path}.name`, name, checkDns1123Subdomain(name)))
      if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
      if (!isNamespaced && !namespace) errors.push(required(`${path}.namespace`))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [rbacGroup]))
      break
    default:
      errors.push(notSupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']))
  }
  return errors
}
