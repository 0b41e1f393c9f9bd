import type { FlowSchema, PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import type { RequestContext } from '../../api/request.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../api/status.ts'
import { jsonEqual } from '../../registry/json-equal.ts'
import type { ResourceRegistry } from '../../registry/registry.ts'
import { autoUpdateAnnotation, defaultObjects } from './default-objects.ts'

type Configuration = FlowSchema | PriorityLevelConfiguration
type StoredObject = Parameters<ResourceRegistry['create']>[1]

/** Both kinds of configuration as they are stored now, by name. */
export interface StoredConfiguration {
  levels: ReadonlyMap<string, PriorityLevelConfiguration>
  schemas: ReadonlyMap<string, FlowSchema>
}

/**
 * Makes what is missing of the default objects and brings those that follow the defaults up to date: mandatory ones
 * always, suggested ones as their annotation says, or while nobody has changed them. Objects marked as following the
 * defaults that are no default any longer are taken away (upstream: rest/storage_flowcontrol.go and flowcontrol/ensurer).
 */
export async function keepDefaults(
  resources: { levels: ResourceRegistry; schemas: ResourceRegistry },
  stored: StoredConfiguration,
  context: RequestContext,
): Promise<void> {
  const { mandatory, suggested } = defaultObjects
  const keep = async (part: 'levels' | 'schemas'): Promise<void> => {
    const known: ReadonlyMap<string, Configuration> = stored[part]
    const wanted = [
      ...mandatory[part].map((object) => ({ object, isMandatory: true })),
      ...suggested[part].map((object) => ({ object, isMandatory: false })),
    ]
    const names = new Set(wanted.map(({ object }) => object.metadata.name))
    await Promise.all([
      ...wanted.map(({ object, isMandatory }) =>
        ensure(
          resources[part],
          { wanted: object, found: known.get(object.metadata.name), isMandatory },
          context,
        ),
      ),
      ...[...known.values()]
        .filter(({ metadata }) => !names.has(metadata.name))
        .filter(({ metadata }) => metadata.annotations?.[autoUpdateAnnotation] === 'true')
        .map(({ metadata }) => remove(resources[part], metadata, context)),
    ])
  }
  await Promise.all([keep('levels'), keep('schemas')])
}

/** Whether an object follows the defaults: as its annotation says, else while its spec is the first one. */
function followsDefaults({ annotations, generation }: Configuration['metadata']): boolean {
  const said = annotations?.[autoUpdateAnnotation]
  if (said === 'true' || said === 'false') return said === 'true'
  return generation === 1
}

async function ensure(
  resource: ResourceRegistry,
  {
    wanted,
    found,
    isMandatory,
  }: { wanted: Configuration; found: Configuration | undefined; isMandatory: boolean },
  context: RequestContext,
): Promise<void> {
  const { name } = wanted.metadata
  try {
    if (!found) {
      await resource.create(undefined, structuredClone(wanted) as StoredObject, { context })
      return
    }
    const follows = isMandatory || followsDefaults(found.metadata)
    const isMarked = found.metadata.annotations?.[autoUpdateAnnotation] === String(follows)
    const isSame = !follows || jsonEqual(found.spec, wanted.spec)
    if (isMarked && isSame) return
    const changed = structuredClone(found)
    changed.metadata.annotations = {
      ...changed.metadata.annotations,
      [autoUpdateAnnotation]: String(follows),
    }
    if (follows) changed.spec = structuredClone(wanted.spec)
    await resource.update({ namespace: undefined, name }, changed as StoredObject, { context })
  } catch (error) {
    // Somebody else was quicker; the next round sees what they did.
    if (!isAlreadyExists(error) && !isConflict(error) && !isNotFound(error)) throw error
  }
}

async function remove(
  resource: ResourceRegistry,
  { name, uid, resourceVersion }: Configuration['metadata'],
  context: RequestContext,
): Promise<void> {
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
  try {
    await resource.delete({ namespace: undefined, name }, { preconditions }, { context })
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
