import { mapBelow } from './map-schema.ts'
import type { SwaggerDocument, SwaggerPathItem, SwaggerSchema } from './swagger-document.ts'

/** What an extension API server publishes of one of its group versions. */
export interface RemoteSwagger {
  group: string
  version: string
  document: SwaggerDocument
}

/** The parts of a document that others refer to by name. */
type Part = 'definitions' | 'parameters'

/**
 * Adds to our document the paths of the given group versions, which are ours no longer, and the definitions and parameters
 * those need. Whose name stands for something else already gets a name of its own (upstream: kube-openapi's
 * FilterSpecByPaths and MergeSpecsIgnorePathConflictRenamingDefinitionsAndParameters).
 */
export function mergeSwagger(own: SwaggerDocument, remotes: readonly RemoteSwagger[]): SwaggerDocument {
  if (remotes.length === 0) return own
  const paths = { ...own.paths }
  const parts = { definitions: { ...own.definitions }, parameters: { ...own.parameters } }
  for (const { group, version, document } of remotes) {
    const root = `/apis/${group}/${version}`
    const isPart = (path: string): boolean => path === root || path.startsWith(`${root}/`)
    for (const path of Object.keys(paths)) if (isPart(path)) delete paths[path]
    const kept = Object.entries(document.paths ?? {}).filter(([path]) => isPart(path))
    const names = new Map<string, string>()
    for (const [ref, value] of referenced(document, kept)) {
      names.set(ref, freeName(parts[partOf(ref)], ref, value))
    }
    const rename = <T>(value: T): T => renamed(value, names) as T
    for (const [ref, as] of names) {
      const taken = parts[partOf(ref)] as Record<string, unknown>
      const name = nameOf(as)
      taken[name] ??= rename(document[partOf(ref)]?.[nameOf(ref)])
    }
    for (const [path, item] of kept) paths[path] = rename(item)
  }
  return { ...own, paths, ...parts }
}

function partOf(ref: string): Part {
  return ref.startsWith('#/parameters/') ? 'parameters' : 'definitions'
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** What the paths lead to, by reference, each once. */
function referenced(document: SwaggerDocument, paths: [string, SwaggerPathItem][]): Map<string, object> {
  const found = new Map<string, object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      if (key !== '$ref' || typeof member !== 'string') visit(member)
      else add(member)
    }
  }
  const add = (ref: string): void => {
    const target = document[partOf(ref)]?.[nameOf(ref)]
    if (found.has(ref) || target === undefined) return
    found.set(ref, target)
    visit(target)
  }
  for (const [, item] of paths) visit(item)
  return found
}

/** The reference itself where its name is free or means the same, else one with a number. */
function freeName(taken: Record<string, object>, ref: string, value: object): string {
  const meaning = meaningOf(value as SwaggerSchema)
  let wanted = ref
  for (let number = 2; ; number++) {
    const other = taken[nameOf(wanted)]
    if (!other || meaningOf(other as SwaggerSchema) === meaning) return wanted
    wanted = `${ref}_v${number}`
  }
}

/** A schema as text, less its words and the kinds it is of, which may differ between servers. */
function meaningOf(schema: SwaggerSchema): string {
  const bare = (one: SwaggerSchema): SwaggerSchema => {
    const { description: _text, 'x-kubernetes-group-version-kind': _kinds, ...rest } = mapBelow(one, bare)
    return rest
  }
  return JSON.stringify(sorted(bare(schema)))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]))
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((member) => renamed(member, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key !== '$ref' || typeof member !== 'string') return [key, renamed(member, names)]
      return [key, names.get(member) ?? member]
    }),
  )
}
