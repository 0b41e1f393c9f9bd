import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import { internalError } from '../../api/status.ts'

/** The request as a webhook or policy sees it: in the version or group that its rules name. */
export function viewFor(
  attributes: AdmissionAttributes,
  equivalent: EquivalentResource | undefined,
): AdmissionAttributes {
  // A body of another kind, such as a Scale, is the same whichever way it came.
  if (!equivalent || attributes.objectKind) {
    return equivalent ? { ...attributes, resource: equivalent.resource } : attributes
  }
  const { object, oldObject } = attributes
  const convert = (one: KubeObject): KubeObject => {
    try {
      return equivalent.convert(one)
    } catch (error) {
      throw internalError(error instanceof Error ? error.message : String(error))
    }
  }
  const { resource, kind, editor } = equivalent
  return {
    ...attributes,
    resource,
    kind: kind.kind,
    editor,
    object: object && convert(object),
    oldObject: oldObject && convert(oldObject),
  }
}
