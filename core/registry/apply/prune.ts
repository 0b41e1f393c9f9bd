import type { KubeObject } from '../../api/meta.ts'
import type { SchemaNode } from '../schema/node.ts'
import type { FieldManagerTarget } from './target.ts'
import { difference, intersection, isEmptySet, union, unionOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import type { Manager, Managers } from './managers.ts'
import { removeFields } from './merge-typed.ts'
import { toFieldSet, withNamedFields } from './to-field-set.ts'

/** An object, and what it is without the fields that go. */
interface Pruned {
  merged: unknown
  pruned: unknown
}

/**
 * Removes what the manager applied last time, unless someone else or what is `applied` now, one of the managers' sets, owns it: in the version that it applied
 * then, and what others own in theirs (structured-merge-diff: Updater.prune).
 */
export function pruneLast(
  target: FieldManagerTarget,
  merged: unknown,
  { managers, last, applied }: { managers: Managers; last: Manager; applied: FieldSet },
): unknown {
  const { writer } = target
  const ownVersion = target.isCustom ? last.apiVersion : writer.apiVersion
  const mergedThen = inVersion(target, merged, ownVersion)
  const node = nodeOf(target, ownVersion)
  // What it applies again is kept, and mostly that is all of it.
  const isOneVersion = !target.isCustom || ownVersion === writer.apiVersion
  if (isOneVersion && isEmptySet(difference(last.fields, applied))) return merged
  const named = (set: FieldSet): FieldSet => withNamedFields(set, node)
  let state: Pruned = {
    merged: mergedThen,
    pruned: removeFields(mergedThen, named(last.fields), node) ?? {},
  }
  for (const [apiVersion, owned] of ownedByVersion(target, managers, ownVersion))
    state = addBack(target, state, { apiVersion, owned })
  const pruned = inVersion(target, state.pruned, ownVersion)
  // What disappears must have been this manager's own: items that others left unowned stay.
  const gone = difference(named(toFieldSet(mergedThen, node)), named(toFieldSet(pruned, node)))
  const kept = removeFields(mergedThen, intersection(gone, named(last.fields)), node) ?? {}
  return inVersion(target, kept, writer.apiVersion)
}

/** What managers own, that of the version in which is pruned first; of built-in kinds all as if in the writer's version. */
function ownedByVersion(
  { isCustom }: FieldManagerTarget,
  managers: Managers,
  first: string,
): Map<string, FieldSet> {
  const owned = new Map<string, FieldSet[]>([[first, []]])
  for (const { apiVersion, fields } of managers.values()) {
    const version = isCustom ? apiVersion : first
    const sets = owned.get(version)
    if (sets) sets.push(fields)
    else owned.set(version, [fields])
  }
  return new Map([...owned].map(([version, sets]) => [version, unionOf(sets)]))
}

/** Puts back what managers of a version own. */
function addBack(
  target: FieldManagerTarget,
  state: Pruned,
  { apiVersion, owned }: { apiVersion: string; owned: FieldSet },
): Pruned {
  const node = nodeOf(target, apiVersion)
  const named = (set: FieldSet): FieldSet => withNamedFields(set, node)
  const merged = inVersion(target, state.merged, apiVersion)
  const pruned = inVersion(target, state.pruned, apiVersion)
  const kept = union(named(toFieldSet(pruned, node)), named(owned))
  return {
    merged,
    pruned: removeFields(merged, difference(named(toFieldSet(merged, node)), kept), node) ?? {},
  }
}

function nodeOf({ schema, versions }: FieldManagerTarget, apiVersion: string): SchemaNode {
  return (versions.get(apiVersion)?.schema ?? schema).node
}

/** An object in one of the versions of a custom resource. */
function inVersion({ versions, isCustom }: FieldManagerTarget, object: unknown, apiVersion: string): unknown {
  const version = isCustom ? versions.get(apiVersion) : undefined
  return version ? version.convert(object as KubeObject) : object
}
