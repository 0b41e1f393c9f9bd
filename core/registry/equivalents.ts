import { apiVersionOf } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { EquivalentResource } from '../api/request.ts'
import type { StoredForm } from './stored-form.ts'
import type { ResourceScope } from './verbs/scope.ts'

/** What is needed of a resource to show its objects as another would. */
export type Served = Pick<ResourceScope, 'definition' | 'resource' | 'stored' | 'editor'> & {
  form: StoredForm
}

/** The form of a kind that is stored as it is served. */
export const plainForm: StoredForm = {
  show: (object) => object,
  hide: (object) => object,
  isOutdated: () => false,
}

/**
 * The other resources among `all` that serve the objects of this one, by way of the form they are stored in. Asked again
 * for the same list it gives the same answer.
 */
export function createEquivalents(
  own: Served,
  all: () => readonly Served[],
): () => readonly EquivalentResource[] {
  let known: { among: readonly Served[]; found: readonly EquivalentResource[] } | undefined
  return () => {
    const among = all()
    if (known?.among !== among) known = { among, found: among.flatMap((other) => equivalent(own, other)) }
    return known.found
  }
}

function equivalent(own: Served, other: Served): EquivalentResource[] {
  const isSame = own.stored.group === other.stored.group && own.stored.resource === other.stored.resource
  if (!isSame || own === other) return []
  const { group, version } = other.resource
  return [
    {
      resource: other.resource,
      kind: { group, version, kind: other.definition.kind },
      editor: other.editor,
      convert: (object) => reshape(object, own, other),
      revert: (object) => reshape(object, other, own),
    },
  ]
}

/** An object that one resource shows as another shows it; takes time only where a webhook converts. */
function reshape(object: KubeObject, from: Served, to: Served): KubeObject | Promise<KubeObject> {
  const { convert } = to.definition
  if (!convert) return to.form.show(from.form.hide(object))
  return convert([object], apiVersionOf(to.resource)).then(([made]) => to.form.show(made!))
}
