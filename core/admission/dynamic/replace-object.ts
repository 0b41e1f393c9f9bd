import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import type { KubeObject } from '../../api/meta.ts'
import { deepEqual } from '../../client/deep-equal.ts'

/**
 * Puts in place what a plugin made of the object that `view` showed it, which may be in the form of another version.
 * Whether that changed anything. Throws an Error for what cannot be turned back.
 */
export async function replaceObject(
  attributes: AdmissionAttributes,
  { view, equivalent }: { view: AdmissionAttributes; equivalent: EquivalentResource | undefined },
  made: KubeObject,
): Promise<boolean> {
  const isOwnForm = view.object === attributes.object || !equivalent
  const next = isOwnForm ? made : await equivalent.revert(made)
  if (deepEqual(attributes.object, next)) return false
  attributes.object = next
  return true
}
