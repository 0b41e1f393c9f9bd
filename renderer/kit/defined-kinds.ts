import type { CustomResourceDefinition } from '../../core/api/generated/apiextensions-v1.ts'
import { parseApiVersion, type Resource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'

/** Whether an object of a text is a definition, as far as it can be read as one. */
export function isDefinition(object: KubeObject): object is CustomResourceDefinition {
  const { group, kind } = resources.customResourceDefinitions
  return object.kind === kind && parseApiVersion(object.apiVersion ?? '').group === group
}

/** The kind of `object` as one of the definitions among `objects` makes it; undefined when none does. */
export function definedKind(
  objects: readonly KubeObject[],
  object: KubeObject,
): { resource: Resource; definition: CustomResourceDefinition } | undefined {
  const { group, version } = parseApiVersion(object.apiVersion ?? '')
  for (const definition of objects) {
    if (!isDefinition(definition)) continue
    // Typed by a person, not checked by anybody yet.
    const spec = definition.spec as Partial<CustomResourceDefinition['spec']> | undefined
    const isMade =
      spec?.group === group &&
      spec.names?.kind === object.kind &&
      spec.versions?.some(({ name, served }) => name === version && served)
    if (!isMade || !spec.names?.plural) continue
    const { plural, kind } = spec.names
    const resource = { group, version, resource: plural, kind, namespaced: spec.scope === 'Namespaced' }
    return { resource: resource as Resource, definition }
  }
  return undefined
}
