import { failure } from '../../api/status.ts'
import type { StatusError } from '../../api/status.ts'
import { formatPath, pathsOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import type { Manager } from './managers.ts'

/** Fields of others that an apply would change. */
export interface Conflict {
  owner: Manager
  fields: FieldSet
}

/** 409 naming every field and who owns it (upstream: managedfields/internal/conflict.go). */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const found = conflicts
    .map(({ owner, fields }) => ({ owner: describe(owner), paths: pathsOf(fields).map(formatPath) }))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1))
  const causes = found.flatMap(({ owner, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })),
  )
  const [only] = causes
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${only!.message}: ${only!.field}`
      : `Apply failed with ${causes.length} conflicts: ${found.map(section).join('\n')}`
  return failure(409, 'Conflict', message, { causes })
}

function section({ owner, paths }: { owner: string; paths: string[] }): string {
  return [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)].join('\n')
}

function describe({ manager, subresource, operation, apiVersion }: Manager): string {
  const name =
    JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
