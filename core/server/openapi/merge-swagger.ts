import type { SwaggerDocument, SwaggerPathItem } from './swagger-document.ts'

/** What an extension API server publishes of one of its group versions. */
export interface RemoteSwagger {
  group: string
  version: string
  document: SwaggerDocument
}

const definitionRef = '#/definitions/'

/**
 * Adds to our document the paths of the given group versions, which are ours no longer, and the definitions those need.
 * A definition whose name stands for something else already gets a name of its own (upstream: kube-openapi's
 * FilterSpecByPaths and MergeSpecsIgnorePathConflictRenamingDefinitions).
 */
export function mergeSwagger(own: SwaggerDocument, remotes: readonly RemoteSwagger[]): SwaggerDocument {
  if (remotes.length === 0) return own
  const paths = { ...own.paths }
  const definitions = { ...own.definitions }
  for (const { group, version, document } of remotes) {
    const root = `/apis/${group}/${version}`
    const isPart = (path: string): boolean => path === root || path.startsWith(`${root}/`)
    for (const path of Object.keys(paths)) if (isPart(path)) delete paths[path]
    const kept = Object.entries(document.paths ?? {}).filter(([path]) => isPart(path))
    const names = new Map<string, string>()
    for (const name of referenced(document, kept)) names.set(name, freeName(definitions, document, name))
    const rename = <T>(value: T): T => renamed(value, names) as T
    for (const [name, as] of names) definitions[as] = rename(document.definitions[name]!)
    for (const [path, item] of kept) paths[path] = rename(item)
  }
  return { ...own, paths, definitions }
}

/** Names of the definitions that the paths lead to, each once. */
function referenced(document: SwaggerDocument, paths: [string, SwaggerPathItem][]): Set<string> {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      if (key !== '$ref' || typeof member !== 'string') visit(member)
      else if (member.startsWith(definitionRef)) add(member.slice(definitionRef.length))
    }
  }
  const add = (name: string): void => {
    if (found.has(name) || document.definitions?.[name] === undefined) return
    found.add(name)
    visit(document.definitions[name])
  }
  for (const [, item] of paths) visit(item)
  return found
}

/** The name itself where it is free or means the same, else one with a number. */
function freeName(taken: SwaggerDocument['definitions'], document: SwaggerDocument, name: string): string {
  const text = JSON.stringify(document.definitions[name])
  let wanted = name
  for (let number = 2; taken[wanted] && JSON.stringify(taken[wanted]) !== text; number++) {
    wanted = `${name}_v${number}`
  }
  return wanted
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((member) => renamed(member, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key !== '$ref' || typeof member !== 'string') return [key, renamed(member, names)]
      const name = member.slice(definitionRef.length)
      return [key, names.has(name) ? `${definitionRef}${names.get(name)}` : member]
    }),
  )
}
