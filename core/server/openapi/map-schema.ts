/** A schema as documents hold it. */
export type DocumentSchema = Record<string, unknown>

const lists = new Set(['allOf', 'anyOf', 'oneOf'])
const singles = new Set(['items', 'additionalProperties', 'not'])

/** A copy of a schema in which the schemas right below it are replaced; values such as defaults are left as they are. */
export function mapBelow(
  schema: DocumentSchema,
  replace: (below: DocumentSchema) => DocumentSchema,
): DocumentSchema {
  const copy: DocumentSchema = {}
  for (const [key, value] of Object.entries(schema)) {
    if (typeof value !== 'object' || value === null) copy[key] = value
    else if (key === 'properties') {
      const members = Object.entries(value as Record<string, DocumentSchema>)
      copy[key] = Object.fromEntries(members.map(([name, member]) => [name, replace(member)]))
    } else if (lists.has(key)) copy[key] = (value as DocumentSchema[]).map(replace)
    else copy[key] = singles.has(key) ? replace(value as DocumentSchema) : value
  }
  return copy
}

/** Calls for the name of each schema that one refers to, at any depth. */
export function visitReferences(schema: DocumentSchema, visit: (name: string) => void): void {
  const { $ref } = schema
  if (typeof $ref === 'string') visit($ref.slice($ref.lastIndexOf('/') + 1))
  mapBelow(schema, (below) => {
    visitReferences(below, visit)
    return below
  })
}
