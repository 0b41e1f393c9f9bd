import type { KubeObject, ManagedFieldsEntry } from '../../api/meta.ts'
import { badRequest } from '../../api/status.ts'
import type { SchemaNode } from '../schema/node.ts'
import { applyConflict } from './apply-conflict.ts'
import type { Conflict } from './apply-conflict.ts'
import { compareTyped } from './compare.ts'
import { newObjectFields } from './new-fields.ts'
import { difference, emptySet, intersection, isEmptySet, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { capUpdaters, managerKey, readManagers, writeManagers } from './managers.ts'
import type { Manager, Managers } from './managers.ts'
import type { FieldManagerTarget } from './target.ts'
import type { ServedVersion } from './versions.ts'
import { ownable, unwritable } from './writer.ts'
import type { Writer } from './writer.ts'
import { kubectlManager, lastAppliedFields, withLastApplied } from './last-applied.ts'
import { mergeTyped } from './merge-typed.ts'
import { pruneLast } from './prune.ts'
import { emptiedFields, emptyFields, toFieldSet } from './to-field-set.ts'

/** Owner of what was there before anyone applied (upstream: skipnonapplied.go). */
const beforeFirstApply = 'before-first-apply'

/** The managedFields of a new object: its writer owns what it sets. */
export function trackCreate(target: FieldManagerTarget, object: KubeObject): ManagedFieldsEntry[] {
  const { schema, writer, pool } = target
  const fields = pool.ofShape(object, { schema, writer }, () =>
    ownable(newObjectFields(object, schema.node), writer),
  )
  const { manager, apiVersion, subresource, now } = writer
  if (Object.keys(fields).length === 0) return []
  const entry: ManagedFieldsEntry = {
    manager,
    operation: 'Update',
    apiVersion,
    time: now,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  }
  return [subresource === undefined ? entry : { ...entry, subresource }]
}

/**
 * The managedFields after an update (structured-merge-diff: Updater.Update): what the update changed belongs to the
 * writer and to nobody else; `entries` itself when it changed nothing that is owned, unless they were sent to be put in place of
 * those there were. Objects whose managedFields were reset are not tracked: without entries there stay none (upstream: skipnonapplied.go).
 */
export function trackUpdate(
  target: FieldManagerTarget,
  change: {
    live: KubeObject
    next: KubeObject
    entries: readonly ManagedFieldsEntry[] | undefined
    areSent?: boolean
  },
): readonly ManagedFieldsEntry[] | undefined {
  const { writer, pool } = target
  const { entries, areSent = false } = change
  if (entries === undefined || entries.length === 0) return undefined
  const changes = changesByVersion(target, change)
  const { taken, gone } = changes(writer.apiVersion)
  if (isEmptySet(taken) && isEmptySet(gone) && !areSent) return entries
  const managers = readManagers(entries, pool, typesOf(target))
  const wasUnknown = dropUnknown(target, managers)
  // Upstream cannot convert a custom resource to what is no version of it, and writes it without managedFields.
  if (wasUnknown && target.isCustom) return undefined
  const self = updaterOf(writer)
  const key = managerKey(self)
  for (const [other, manager] of managers) {
    const theirs = changes(manager.apiVersion)
    const kept = other === key ? manager.fields : pool.difference(manager.fields, theirs.taken)
    managers.set(other, { ...manager, fields: pool.difference(kept, theirs.gone) })
  }
  if (!isEmptySet(taken)) {
    const known = managers.get(key)
    managers.set(key, { ...self, fields: known ? pool.union(known.fields, taken) : taken })
  }
  capUpdaters(managers)
  return writeManagers(managers, pool)
}

/** Lets go of managers of versions that are not there any more, and says whether there were some (upstream: merge.Updater). */
function dropUnknown({ isKnown }: FieldManagerTarget, managers: Managers): boolean {
  const unknown = [...managers].filter(([, { apiVersion }]) => isKnown?.(apiVersion) === false)
  for (const [key] of unknown) managers.delete(key)
  return unknown.length > 0
}

/** The type of objects by version; that of the writer's for versions nobody knows. */
function typesOf({ schema, versions }: FieldManagerTarget): (apiVersion: string) => SchemaNode {
  return (apiVersion) => (versions.get(apiVersion)?.schema ?? schema).node
}

/** What a write sets, and what is not there any more. */
interface Changes {
  taken: FieldSet
  gone: FieldSet
}

/** What a change took and removed, as managers of a version see it. */
function changesByVersion(
  { schema, writer, versions, pool }: FieldManagerTarget,
  { live, next }: { live: KubeObject; next: KubeObject },
): (apiVersion: string) => Changes {
  const known = new Map<ServedVersion | undefined, Changes>()
  return (apiVersion) => {
    const version = apiVersion === writer.apiVersion ? undefined : versions.get(apiVersion)
    let change = known.get(version)
    if (!change) {
      const { added, modified, removed } = version
        ? compareTyped(bare(version.convert(live)), bare(version.convert(next)), version.schema.node)
        : compareTyped(bare(live), bare(next), schema.node)
      const taken = ownable(union(added, modified), writer)
      change = { taken: pool.intern(taken), gone: pool.intern(ownable(removed, writer)) }
      known.set(version, change)
    }
    return change
  }
}

function updaterOf(writer: Writer): Manager {
  const { manager, apiVersion, subresource = '', now } = writer
  return { manager, operation: 'Update', apiVersion, subresource, time: now, fields: emptySet() }
}

export interface ApplyRequest {
  /** The stored object; undefined when the apply creates it. */
  live: KubeObject | undefined
  /** The configuration, with the name and namespace that it is for. */
  config: KubeObject
  /** The configuration as it came. */
  given: KubeObject
  force: boolean
}

/**
 * Server-side apply (structured-merge-diff: Updater.Apply): lays the configuration over the live object, removes what
 * this manager applied before and nobody else owns, and gives the writer what the configuration speaks of. Throws 409
 * when that changes fields of others, unless forced: then they lose them. The object is as the schema writes it.
 */
export function applyConfiguration(
  target: FieldManagerTarget,
  request: ApplyRequest,
): { object: KubeObject; managedFields: ManagedFieldsEntry[] } {
  refuseManagedFields(request.config)
  const { schema, writer, pool } = target
  const { node } = schema
  const live = request.live ? bare(request.live) : ({} as KubeObject)
  const managers = readManagers(request.live?.metadata.managedFields, pool, typesOf(target))
  dropUnknown(target, managers)
  if (request.live && managers.size === 0) adoptExisting(managers, { ...target, live })
  const self: Manager = { ...updaterOf(writer), operation: 'Apply' }
  const key = managerKey(self)
  const last = managers.get(key)
  const spoken = toFieldSet(request.config, node)
  // What it names without owning it, such as the object's name, is not removed either.
  const settable = difference(spoken, unwritable(spoken, writer))
  const merged = mergeTyped(live, request.config, node)
  // In its canonical form, so that another spelling of a quantity is no change.
  const kept = new Map(managers).set(key, { ...self, fields: settable })
  const laid = last ? pruneLast(target, merged, { managers: kept, last, applied: settable }) : merged
  const { object } = schema.decode(laid, { keepsNulls: true })
  self.fields = ownable(spoken, writer)
  managers.set(key, self)
  const { added, modified, removed } = compareTyped(live, object, node)
  // A null in the place of a value is a change of it, though nothing of it is written.
  const emptied = emptiedFields(live, request.config, node)
  // What is left empty stays its owners', though it may not be written.
  const left = laid === merged ? emptySet() : emptyFields(laid, node)
  const own = {
    taken: ownable(union(union(added, modified), emptied), writer),
    gone: ownable(difference(difference(removed, emptied), left), writer),
  }
  const inVersion = changesByVersion(target, { live, next: object })
  const changes = (apiVersion: string): Changes =>
    apiVersion === writer.apiVersion || !target.versions.has(apiVersion) ? own : inVersion(apiVersion)
  const allowed = isKubectl(writer) && request.live ? lastAppliedFields(request.live, schema) : emptySet()
  takeOver(managers, { key, force: request.force, changes, allowed })
  // What changes nothing has no time of its own, not even where it says who owns what from now on.
  if ([added, modified, removed, emptied].every(isEmptySet)) self.time = last?.time
  const result = isKubectl(writer) ? withLastApplied(object, request.given) : object
  return { object: result, managedFields: writeManagers(managers, pool) }
}

/** What is there of an object without owners belongs to nobody in particular (upstream: skipnonapplied.go). */
function adoptExisting(
  managers: Managers,
  { schema, writer, live }: FieldManagerTarget & { live: KubeObject },
): void {
  const everything: Writer = {
    ...writer,
    manager: beforeFirstApply,
    subresource: undefined,
    owns: () => true,
  }
  const fields = ownable(newObjectFields(live, schema.node), everything)
  const manager = { ...updaterOf(everything), fields }
  managers.set(managerKey(manager), manager)
}

function isKubectl({ manager }: Writer): boolean {
  return manager === kubectlManager
}

interface TakeOver {
  key: string
  force: boolean
  /** What changes for managers of a version. */
  changes: (apiVersion: string) => Changes
  /** Fields whose change is no conflict. */
  allowed: FieldSet
}

function takeOver(managers: Managers, { key, force, changes, allowed }: TakeOver): void {
  const conflicts: Conflict[] = []
  for (const [other, owner] of managers) {
    if (other === key) continue
    const { taken, gone } = changes(owner.apiVersion)
    const fields = intersection(owner.fields, taken)
    const refused = difference(fields, allowed)
    if (!isEmptySet(refused)) conflicts.push({ owner, fields: refused })
    managers.set(other, { ...owner, fields: difference(difference(owner.fields, fields), gone) })
  }
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts)
}

/** The object as ownership sees it. */
function bare(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Who owns what is not applied. Throws 400 for a configuration that says so. */
export function refuseManagedFields({ metadata }: Partial<KubeObject>): void {
  const given = metadata?.managedFields ?? undefined
  if (given !== undefined) throw badRequest('metadata.managedFields must be nil')
}
