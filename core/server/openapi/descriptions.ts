import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Human descriptions of a type and its fields, for `kubectl explain`. */
interface TypeDescription {
  description?: string
  fields: Record<string, string>
}

export type DescriptionSource = (schemaName: string) => TypeDescription

const none: TypeDescription = { fields: {} }

/** Where `@kubernetes/client-node` keeps its generated models; undefined where the package is not installed. */
export function findModelDirectory(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node')
    const directory = join(dirname(entry), 'gen', 'models')
    return existsSync(directory) ? directory : undefined
  } catch {
    // A bundle without node_modules: explain then shows types only.
    return undefined
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Model names a schema can have: `io.k8s.api.core.v1.Event` is CoreV1Event, and without a namesake V1Event. */
function modelNames(schemaName: string): string[] {
  const parts = schemaName.split('.')
  const [group = '', version = '', kind = ''] = parts.slice(-3)
  return [`${capitalise(group)}${capitalise(version)}${kind}`, `${capitalise(version)}${kind}`]
}

function parseModel(text: string): TypeDescription {
  const type: TypeDescription = { fields: {} }
  const comment = /\/\*\*\s*\n\s*\* (.*)\n\s*\*\/\s*\n\s*(?:export declare class|'([^']+)'\??:)/g
  for (const [, description, field] of text.matchAll(comment)) {
    if (field === undefined) type.description = description
    else if (field !== '__proto__') type.fields[field] = description!
  }
  return type
}

/**
 * Reads descriptions out of the type declarations of `@kubernetes/client-node`, one file per type, when asked for.
 * Types it does not know have none.
 */
export function createDescriptionSource(directory: string | undefined): DescriptionSource {
  return (schemaName) => {
    if (!directory) return none
    const file = modelNames(schemaName)
      .map((name) => join(directory, `${name}.d.ts`))
      .find((path) => existsSync(path))
    return file ? parseModel(readFileSync(file, 'utf8')) : none
  }
}
