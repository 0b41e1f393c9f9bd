import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { createComponentCollector } from './components.ts'
import { publishCustomList, publishCustomSchema, type DocumentForm } from './custom-schema.ts'
import type { DescriptionSource } from './descriptions.ts'
import { modelsOf, type DocumentPlan } from './document-plan.ts'
import type { DocumentSchema } from './map-schema.ts'
import { createOptionParameters } from './route-parameters.ts'
import { listSchemaNameOf, schemaNameOf } from './schema-names.ts'
import { componentRef, toPathItems, type PathItem } from './v3-paths.ts'

/** What documents are built from. */
export interface DocumentSource {
  /** The built-in schemas by name. */
  schemas: Record<string, Schema>
  describe: DescriptionSource
  gitVersion: string
}

/** An OpenAPI v3 document, as plain data. */
export interface OpenApiDocument {
  openapi: '3.0.0'
  info: { title: string; version: string }
  paths: Record<string, PathItem>
  components: { schemas?: Record<string, DocumentSchema>; securitySchemes?: object }
}

/** What all documents but those of custom resources say of how callers are known. */
export const bearerScheme = {
  BearerToken: {
    type: 'apiKey',
    description: 'Bearer Token authentication',
    name: 'authorization',
    in: 'header',
  },
}

const v3Form: DocumentForm = { isV2: false, refTo: componentRef }

/** The OpenAPI v3 document of a plan: its routes, and every schema that these reach. */
export function buildDocument(plan: DocumentPlan, source: DocumentSource): OpenApiDocument {
  const { schemas, describe, gitVersion } = source
  const custom = customSchemas(plan.kinds, v3Form)
  const collector = createComponentCollector({ schemas, describe, custom, form: v3Form, scope: plan.scope })
  const routes = plan.routes(createOptionParameters(schemas))
  for (const model of modelsOf(routes)) collector.add(model)
  const hasSchemas = Object.keys(collector.components).length > 0
  return {
    openapi: '3.0.0',
    info: plan.isCustom ? customInfo : { title: 'Kubernetes', version: minorOf(gitVersion) },
    paths: toPathItems(routes),
    components: {
      ...(hasSchemas && { schemas: collector.components }),
      ...(!plan.isCustom && { securitySchemes: bearerScheme }),
    },
  }
}

const customInfo = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }

/** The schemas of the kinds that bring their own, by name. */
export function customSchemas(kinds: KindDefinition[], form: DocumentForm): Map<string, DocumentSchema> {
  const own = kinds.filter(({ schema }) => typeof schema !== 'string')
  return new Map(
    own.flatMap((kind): [string, DocumentSchema][] => [
      [schemaNameOf(kind), publishCustomSchema(kind, form)],
      [listSchemaNameOf(kind), publishCustomList(kind, form)],
    ]),
  )
}

/** The version that documents are of: `1.36` of `v1.36.4`. */
export function minorOf(gitVersion: string): string {
  return /^v?(\d+\.\d+)/.exec(gitVersion)?.[1] ?? gitVersion
}
