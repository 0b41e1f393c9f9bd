import type { Resource } from '../../api/gvk.ts'
import type { KubeObject, OwnerReference } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { foregroundFinalizer } from './owner-graph.ts'

/** The owners of an object by what is known of them (upstream: classifyReferences). */
export interface OwnerClasses {
  /** Alive, or not provably absent. */
  solid: OwnerReference[]
  /** Gone, or never where the reference says. */
  dangling: OwnerReference[]
  /** Being deleted in the foreground: they wait for this object. */
  waiting: OwnerReference[]
}

export interface OwnerLookup {
  client: Client
  resourceOf(reference: OwnerReference): Resource<KubeObject> | undefined
  /** Uids known to be gone for good: a uid never comes back. */
  isAbsent(reference: OwnerReference, namespace: string | undefined): boolean
  markAbsent(reference: OwnerReference, namespace: string | undefined): void
}

/** Thrown of an object with an owner of which nothing can be said, so that nothing is done about the others either. */
export class UnknownOwner extends Error {
  /** Whether this may change without a change of the object. */
  readonly isPassing: boolean
  constructor({ kind, name }: OwnerReference, { isPassing }: { isPassing: boolean }) {
    super(`cannot tell whether the owner ${kind} "${name}" exists`)
    this.isPassing = isPassing
  }
}

/** Looks each owner up, live: only the server's own answer proves an owner absent. Throws UnknownOwner. */
export async function classifyOwners(lookup: OwnerLookup, object: KubeObject): Promise<OwnerClasses> {
  const classes: OwnerClasses = { solid: [], dangling: [], waiting: [] }
  for (const reference of object.metadata.ownerReferences ?? []) {
    classes[await classOf(lookup, reference, object.metadata.namespace)].push(reference)
  }
  return classes
}

async function classOf(
  lookup: OwnerLookup,
  reference: OwnerReference,
  namespace: string | undefined,
): Promise<keyof OwnerClasses> {
  if (lookup.isAbsent(reference, namespace)) return 'dangling'
  const resource = lookup.resourceOf(reference)
  // Nothing serves the kind now, which proves nothing about the object.
  if (!resource) throw new UnknownOwner(reference, { isPassing: true })
  // A cluster-scoped object cannot have a namespaced owner; there is no namespace to look in.
  if (resource.namespaced && namespace === undefined) throw new UnknownOwner(reference, { isPassing: false })
  const ref = resource.namespaced && namespace !== undefined ? { namespace } : {}
  try {
    const owner = await lookup.client.get(resource, { ...ref, name: reference.name })
    if (owner.metadata.uid !== reference.uid) {
      lookup.markAbsent(reference, namespace)
      return 'dangling'
    }
    const { deletionTimestamp, finalizers } = owner.metadata
    return deletionTimestamp && finalizers?.includes(foregroundFinalizer) ? 'waiting' : 'solid'
  } catch (error) {
    if (!isNotFound(error)) throw error
    lookup.markAbsent(reference, namespace)
    return 'dangling'
  }
}
