import type { ParamKind, ParamRef } from '../../api/generated/admissionregistration-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Column } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'

const unset = '<unset>'

/** NAME, a count of its rules, PARAMKIND and AGE, of a policy. */
export function policyColumns<T extends KubeObject & { spec: { paramKind?: ParamKind } }>(
  countName: string,
  count: (object: T) => number,
): Column<T>[] {
  return [
    nameColumn(),
    { name: countName, type: 'integer', value: count },
    {
      name: 'ParamKind',
      type: 'string',
      value: ({ spec: { paramKind } }) =>
        paramKind ? `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}` : unset,
    },
    ageColumn(),
  ]
}

/** NAME, POLICYNAME, PARAMREF and AGE, of a binding. */
export function bindingColumns<
  T extends KubeObject & { spec: { policyName?: string; paramRef?: ParamRef } },
>(): Column<T>[] {
  return [
    nameColumn(),
    { name: 'PolicyName', type: 'string', value: ({ spec }) => spec.policyName ?? '' },
    {
      name: 'ParamRef',
      type: 'string',
      value: ({ spec: { paramRef } }) => (paramRef ? paramText(paramRef) : unset),
    },
    ageColumn(),
  ]
}

function paramText({ namespace, name }: ParamRef): string {
  const shown = name || '*'
  return namespace ? `${namespace}/${shown}` : shown
}
