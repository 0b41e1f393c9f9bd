import { goKind } from '../../util/go-kind.ts'

/** How upstream's refusal of a body begins whose type cannot be read. */
export const parseError = "couldn't get version/kind; json parse error: "

/**
 * Why a document does not say what it is, in the words of upstream's decoder (apimachinery: json.SimpleMetaFactory Interpret): its kind or
 * apiVersion is no text, or the latter none of an API. Undefined where it says so, or nothing at all.
 */
export function typeProblem(document: { kind?: unknown; apiVersion?: unknown }): string | undefined {
  for (const [name, value] of Object.entries(document)) {
    if (name !== 'kind' && name !== 'apiVersion') continue
    if (typeof value === 'string' || value === null || value === undefined) continue
    return `${parseError}json: cannot unmarshal ${goKind(value)} into Go struct field .${name} of type string`
  }
  const { apiVersion } = document
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    return `unexpected GroupVersion string: ${apiVersion}`
  return undefined
}
