import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fieldOfType, textOfType } from './field-sentences.ts'

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
  return [
    `${capitalise(group)}${capitalise(version)}${kind}`,
    `${capitalise(version)}${kind}`,
    `${capitalise(group)}${kind}`,
  ]
}

/** The name of a field that TypeScript spells otherwise: `_from`, `x_kubernetes_list_type`. */
function fieldName(member: string): string {
  if (member.startsWith('x_kubernetes_')) return member.replaceAll('_', '-')
  return member.replace(/^_(?!_)/, '')
}

function parseModel(text: string): TypeDescription {
  const type: TypeDescription = { fields: {} }
  const comment = /\/\*\*\s*\n\s*\* (.*)\n\s*\*\/\s*\n\s*(?:export declare class|'([^']+)'\??:)/g
  for (const [, description, member] of text.matchAll(comment)) {
    if (member === undefined) type.description = description
    else if (member !== '__proto__') type.fields[fieldName(member)] = description!
  }
  return type
}

/**
 * Reads descriptions out of the type declarations of `@kubernetes/client-node`, one file per type, when asked for.
 * Types it does not know have none.
 */
export function createDescriptionSource(directory: string | undefined): DescriptionSource {
  if (!directory) return () => none
  const read = (model: string): TypeDescription | undefined => {
    const path = join(directory, `${model}.d.ts`)
    return existsSync(path) ? parseModel(readFileSync(path, 'utf8')) : undefined
  }
  return (schemaName) => {
    for (const model of modelNames(schemaName)) {
      const type = read(model)
      if (type) return type
    }
    const type = schemaName.slice(schemaName.lastIndexOf('.') + 1)
    const place = fieldOfType(type)
    const description = place ? read(place.model)?.fields[place.field] : textOfType(type)
    return description === undefined ? none : { description, fields: {} }
  }
}
