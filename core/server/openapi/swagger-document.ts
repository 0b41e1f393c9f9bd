import type { HttpMethod } from './route.ts'

/** A Swagger 2.0 document, as plain data. */
export interface SwaggerDocument {
  swagger: '2.0'
  info: { title: string; version: string }
  paths: Record<string, SwaggerPathItem>
  definitions: Record<string, SwaggerSchema>
  /** Those that several paths refer to. */
  parameters?: Record<string, SwaggerParameter>
  securityDefinitions?: Record<string, SecurityDefinition>
  security?: Record<string, string[]>[]
}
export type SwaggerSchema = Record<string, unknown>

export type SwaggerPathItem = Partial<Record<HttpMethod, SwaggerOperation>> & {
  parameters?: (SwaggerParameter | Reference)[]
}

export interface Reference {
  $ref: string
}

/** How callers say who they are. */
export interface SecurityDefinition {
  type: string
  description?: string
  name?: string
  in?: string
}

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
  tags?: string[]
  description?: string
  operationId: string
  consumes?: readonly string[]
  produces?: readonly string[]
  schemes?: string[]
  parameters?: (SwaggerParameter | Reference)[]
  responses?: Record<string, { description: string; schema?: SwaggerSchema }>
  [extension: `x-${string}`]: unknown
}
