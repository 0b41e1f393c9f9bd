import type { GroupVersionKind } from '../../api/gvk.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import type { ServedVersion } from '../discovery/group-order.ts'
import { servedSubresources } from '../subresources.ts'
import { createComponentCollector, metaSchemas, schemaNameOf } from './components.ts'
import type { OpenApiDocument } from './v2-document.ts'
import type { DescriptionSource } from './descriptions.ts'
import { pathsOf, type PathItem } from './paths.ts'

/** What documents are built from. */
export interface DocumentSource {
  /** The built-in schemas by name. */
  schemas: Record<string, Schema>
  describe: DescriptionSource
  gitVersion: string
}

/** Name of the schema of a built-in kind by its group, version and kind; undefined when there is none. */
function schemaOfKind(
  schemas: Record<string, Schema>,
  { group, version, kind }: GroupVersionKind,
): string | undefined {
  // `io.k8s.api.<package>.<version>.<kind>`, where the package is the group's first label.
  const name = `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`
  return Object.hasOwn(schemas, name) ? name : undefined
}

/** The OpenAPI v3 document of one group version: its kinds' paths, and every schema these reach. */
export function buildDocument(served: ServedVersion, source: DocumentSource): OpenApiDocument {
  const collector = createComponentCollector(source)
  const paths: Record<string, PathItem> = {}
  for (const name of Object.values(metaSchemas)) collector.add(name)
  for (const definition of served.kinds) {
    addKind(definition, source, collector)
    const find = (kind: GroupVersionKind): string | undefined =>
      isSame(kind, definition) ? schemaNameOf(definition) : schemaOfKind(source.schemas, kind)
    Object.assign(paths, pathsOf(definition, find))
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: minorOf(source.gitVersion) },
    paths,
    components: { schemas: collector.components, securitySchemes: bearerScheme },
  }
}

/** The version that documents are of: `1.36` of `v1.36.4`. */
function minorOf(gitVersion: string): string {
  return /^v?(\d+\.\d+)/.exec(gitVersion)?.[1] ?? gitVersion
}

const bearerScheme = {
  BearerToken: {
    type: 'apiKey',
    description: 'Bearer Token authentication',
    name: 'authorization',
    in: 'header',
  },
}

function addKind(
  definition: KindDefinition,
  source: DocumentSource,
  collector: ReturnType<typeof createComponentCollector>,
): void {
  const { group, version, kind } = definition
  if (typeof definition.schema === 'string') collector.add(definition.schema, { group, version, kind })
  else collector.addCustom(definition)
  collector.addList(definition)
  for (const subresource of servedSubresources(definition)) {
    const name = isSame(subresource.kind, definition)
      ? undefined
      : schemaOfKind(source.schemas, subresource.kind)
    if (name) collector.add(name, subresource.kind)
  }
}

function isSame(a: GroupVersionKind, b: GroupVersionKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind
}
