import { createComponentCollector } from './components.ts'
import type { DocumentForm } from './custom-schema.ts'
import { modelsOf, type DocumentPlan } from './document-plan.ts'
import { bearerScheme, customSchemas, minorOf, type DocumentSource } from './document.ts'
import { createOptionParameters } from './route-parameters.ts'
import { createSharedParameters } from './shared-parameters.ts'
import type { SwaggerDocument } from './swagger-document.ts'
import { definitionRef, toSwaggerPaths } from './v2-paths.ts'

const v2Form: DocumentForm = { isV2: true, refTo: definitionRef }

/** The OpenAPI v2 document of all that is served. */
export function buildSwagger(plans: DocumentPlan[], source: DocumentSource): SwaggerDocument {
  const { schemas, describe, gitVersion } = source
  const options = createOptionParameters(schemas)
  const custom = customSchemas(
    plans.flatMap(({ kinds }) => kinds),
    v2Form,
  )
  const collector = createComponentCollector({ schemas, describe, custom, form: v2Form, scope: 'all' })
  const routes = plans.flatMap((plan) => plan.routes(options))
  for (const model of modelsOf(routes)) collector.add(model)
  const shared = createSharedParameters()
  const paths = toSwaggerPaths(routes, shared)
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: minorOf(gitVersion) },
    paths,
    definitions: byName(collector.components),
    parameters: byName(shared.parameters),
    securityDefinitions: bearerScheme,
    security: [{ BearerToken: [] }],
  }
}

function byName<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
