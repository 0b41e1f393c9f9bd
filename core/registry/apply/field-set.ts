import { parseExactJson } from '../../api/exact-json.ts'
/**
 * A set of fields of an object, as a tree of path elements in the notation of managedFields: `f:name` for a member,
 * `k:{"name":"x"}` for an item of a map list, `v:"x"` for an item of a set. `isMember` says whether the place itself is
 * in the set; nodes that are no members and have no children do not occur, but at the root. Sets are shared: only who
 * builds one may change it.
 */
export interface FieldSet {
  isMember: boolean
  children: ReadonlyMap<string, FieldSet>
}

/** The children of a set without any. Most sets are leaves: a Map of their own was most of what they took. */
const noChildren: ReadonlyMap<string, FieldSet> = new Map()

/** fieldsV1 of the wire: `{}` is a member, `.` marks a member that has children too. */
export interface FieldsV1 {
  [element: string]: FieldsV1
}

/** A set of nothing. */
export function emptySet(): FieldSet {
  return { isMember: false, children: noChildren }
}

/** A set of one place. */
export const leaf: FieldSet = Object.freeze({ isMember: true, children: noChildren })

/** The children of a set that is being built, to be added to. */
export function ownChildren(set: FieldSet): Map<string, FieldSet> {
  if (set.children === noChildren) set.children = new Map<string, FieldSet>()
  return set.children as Map<string, FieldSet>
}

/** Whether nothing is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0
}

/** Reads fieldsV1. Anything that is no object counts as empty. */
export function parseFieldsV1(fields: unknown): FieldSet {
  const { children } = parseNode(fields)
  return { isMember: false, children }
}

function parseNode(fields: unknown): FieldSet {
  const set = emptySet()
  if (typeof fields !== 'object' || fields === null) return set
  const elements = Object.keys(fields)
  if (elements.length === 0) return leaf
  const children = ownChildren(set)
  for (const element of elements) {
    if (element === '.') set.isMember = true
    else children.set(element, parseNode((fields as FieldsV1)[element]))
  }
  return set
}

/** What a member without children is written as. */
const writtenLeaf: FieldsV1 = Object.freeze({})

/** Writes fieldsV1, children sorted; nobody may change it. */
export function formatFieldsV1(set: FieldSet): FieldsV1 {
  const { children } = set
  if (children.size === 0) return writtenLeaf
  const fields: FieldsV1 = {}
  if (set.isMember) fields['.'] = writtenLeaf
  for (const element of sortedElements(children)) fields[element] = formatFieldsV1(children.get(element)!)
  return fields
}

/** By code units. What is in order already is most often told to be by looking. */
function sortedElements(children: ReadonlyMap<string, FieldSet>): string[] {
  const elements = [...children.keys()]
  for (let at = 1; at < elements.length; at++) if (elements[at - 1]! > elements[at]!) return elements.sort()
  return elements
}

/** The node of a child, made when it is absent. The caller must put something into it. */
export function childSet(set: FieldSet, element: string): FieldSet {
  const children = ownChildren(set)
  let child = children.get(element)
  if (!child) children.set(element, (child = emptySet()))
  return child
}

/** What is in either; `a` itself when that holds all of `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [element, child] of b.children) {
    const own = a.children.get(element)
    const joined = own ? union(own, child) : child
    if (joined !== own) (children ??= new Map(a.children)).set(element, joined)
  }
  const isMember = a.isMember || b.isMember
  if (!children && isMember === a.isMember) return a
  return { isMember, children: children ?? a.children }
}

/** What is in any of them; takes time in proportion to what they hold together. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  const [only] = sets
  if (only && sets.length === 1) return only
  const result = emptySet()
  for (const set of sets) include(result, set)
  return result
}

function include(built: FieldSet, { isMember, children }: FieldSet): void {
  if (isMember) built.isMember = true
  for (const [element, child] of children) include(childSet(built, element), child)
}

/**
 * What is in `a` but not in `b`; `a` itself when they share nothing. A member of `b` takes out that place only, not
 * what lies under it.
 */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [element, other] of b.children) {
    const child = a.children.get(element)
    if (!child) continue
    const rest = difference(child, other)
    if (rest === child) continue
    children ??= new Map(a.children)
    if (isEmptySet(rest)) children.delete(element)
    else children.set(element, rest)
  }
  const isMember = a.isMember && !b.isMember
  if (!children && isMember === a.isMember) return a
  return { isMember, children: children ?? a.children }
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { isMember: a.isMember && b.isMember, children: noChildren }
  for (const [element, child] of a.children) {
    const other = b.children.get(element)
    const shared = other && intersection(child, other)
    if (shared && !isEmptySet(shared)) ownChildren(result).set(element, shared)
  }
  return result
}

/** Every member as its path of elements: those of one place first, then what lies under them (fieldpath: Iterate). */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const children = [...set.children].sort(([a], [b]) => compareElements(a, b))
  const members = children.filter(([, child]) => child.isMember)
  return [
    ...members.map(([element]) => [...prefix, element]),
    ...children.flatMap(([element, child]) => pathsOf(child, [...prefix, element])),
  ]
}

/** Fields before keys before values before positions; numbers by their size (fieldpath: PathElement.Compare). */
function compareElements(a: string, b: string): number {
  const kinds = 'fkvi'
  const byKind = kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!)
  if (byKind !== 0) return byKind
  if (a.startsWith('v:') || a.startsWith('i:')) {
    const difference = Number(a.slice(2)) - Number(b.slice(2))
    if (!Number.isNaN(difference)) return difference
  }
  return a < b ? -1 : 1
}

/** A path as messages show it: `.spec.containers[name="a"].image`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join('')
}

function formatElement(element: string): string {
  const body = element.slice(2)
  if (element.startsWith('f:')) return `.${body}`
  if (element.startsWith('v:')) return `[=${body}]`
  if (!element.startsWith('k:')) return `[${body}]`
  const keys = Object.entries(parseExactJson(body) as Record<string, unknown>)
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
