import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import { internalError, StatusError } from '../../api/status.ts'

/** The request as a webhook or policy sees it: in the version or group that its rules name. */
export async function viewFor(
  attributes: AdmissionAttributes,
  equivalent: EquivalentResource | undefined,
): Promise<AdmissionAttributes> {
  // A body of another kind, such as a Scale, is the same whichever way it came.
  if (!equivalent || attributes.objectKind) {
    return equivalent ? { ...attributes, resource: equivalent.resource } : attributes
  }
  const { object, oldObject } = attributes
  const convert = async (one: KubeObject): Promise<KubeObject> => {
    try {
      return await equivalent.convert(one)
    } catch (error) {
      if (error instanceof StatusError) throw error
      throw internalError(error instanceof Error ? error.message : String(error))
    }
  }
  const { resource, kind, editor } = equivalent
  return {
    ...attributes,
    resource,
    kind: kind.kind,
    editor,
    object: object && (await convert(object)),
    oldObject: oldObject && (await convert(oldObject)),
  }
}
