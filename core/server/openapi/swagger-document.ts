/** A Swagger 2.0 document, as plain data. */
export interface SwaggerDocument {
  swagger: '2.0'
  info: { title: string; version: string }
  paths: Record<string, SwaggerPathItem>
  definitions: Record<string, SwaggerSchema>
}
export type SwaggerSchema = Record<string, unknown>
export type SwaggerPathItem = Record<string, SwaggerOperation | SwaggerParameter[]>

export interface SwaggerParameter {
  name: string
  in: 'query' | 'path' | 'body'
  description?: string
  required?: boolean
  type?: string
  uniqueItems?: boolean
  schema?: SwaggerSchema
}

export interface SwaggerOperation {
  tags: string[]
  operationId: string
  consumes: string[]
  produces: string[]
  parameters?: SwaggerParameter[]
  responses?: Record<string, { description: string; schema?: SwaggerSchema }>
  [extension: `x-${string}`]: unknown
}
