import type { ManagedFieldsEntry } from '../../api/meta.ts'
import type { SchemaNode } from '../schema/node.ts'
import { isEmptySet, unionOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import type { FieldsPool } from './fields-pool.ts'
import { reconcileSet } from './reconcile-set.ts'

/** What one manager owns. */
export interface Manager {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource: string
  time: string | undefined
  fields: FieldSet
}

/** Managers by identity: an applier is one whatever version it applies, an updater is another one per version. */
export type Managers = Map<string, Manager>

/** Of more updaters than this the oldest are put together (upstream: capmanagers.go). */
const maxUpdaters = 10
const oldUpdatesManager = 'ancient-changes'

/** The identity under which a manager is kept. */
export function managerKey(manager: Omit<Manager, 'fields' | 'time'>): string {
  const apiVersion = manager.operation === 'Apply' ? '' : manager.apiVersion
  return JSON.stringify([manager.manager, manager.operation, apiVersion, manager.subresource])
}

/**
 * Reads metadata.managedFields, each entry under the type that `typeOf` gives for its version. Entries that make no sense
 * are left out.
 */
export function readManagers(
  entries: readonly ManagedFieldsEntry[] | undefined,
  pool: FieldsPool,
  typeOf: (apiVersion: string) => SchemaNode,
): Managers {
  const managers: Managers = new Map()
  for (const entry of entries ?? []) {
    const { operation } = entry
    if (operation !== 'Apply' && operation !== 'Update') continue
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation,
      apiVersion: entry.apiVersion ?? '',
      subresource: entry.subresource ?? '',
      time: entry.time,
      fields: reconcileSet(pool.read(entry.fieldsV1), typeOf(entry.apiVersion ?? '')),
    }
    managers.set(managerKey(manager), manager)
  }
  return managers
}

/** Writes metadata.managedFields: appliers first, then by time and name. Managers of nothing are left out. */
export function writeManagers(managers: Managers, pool: FieldsPool): ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter((manager) => !isEmptySet(manager.fields))
    .sort(compareManagers)
    .map((manager) => ({
      manager: manager.manager,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(manager.time !== undefined && { time: manager.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: pool.write(manager.fields),
      ...(manager.subresource !== '' && { subresource: manager.subresource }),
    }))
}

function compareManagers(a: Manager, b: Manager): number {
  const left = [a.operation, a.time ?? '', a.manager, a.apiVersion, a.subresource]
  const right = [b.operation, b.time ?? '', b.manager, b.apiVersion, b.subresource]
  for (const [index, part] of left.entries()) {
    if (part !== right[index]) return part < right[index]! ? -1 : 1
  }
  return 0
}

/** Puts the oldest updaters together until no more than ten are left. */
export function capUpdaters(managers: Managers): void {
  const updaters = [...managers.values()]
    .filter(({ operation }) => operation === 'Update')
    .sort(compareManagers)
  const firsts = new Map<string, Manager>()
  /** What each that stands for several owns, to be put together once. */
  const parts = new Map<Manager, FieldSet[]>()
  let count = updaters.length
  for (const updater of updaters) {
    if (count <= maxUpdaters) break
    const first = firsts.get(updater.apiVersion)
    if (!first) {
      firsts.set(updater.apiVersion, updater)
      continue
    }
    const bucket = { ...updater, manager: oldUpdatesManager, subresource: '' }
    const known = managers.get(managerKey(bucket))
    const joined = (known && parts.get(known)) ?? [(known ?? first).fields]
    joined.push(updater.fields)
    parts.set(bucket, joined)
    managers.delete(managerKey(first))
    managers.delete(managerKey(updater))
    managers.set(managerKey(bucket), bucket)
    count--
  }
  for (const manager of managers.values()) {
    const joined = parts.get(manager)
    if (joined) manager.fields = unionOf(joined)
  }
}
