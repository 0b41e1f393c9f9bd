import type { KubeObject } from '../../api/meta.ts'
import {
  SelectorError,
  exactValue,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
} from '../../api/selectors.ts'
import type { FieldRequirement } from '../../api/selectors.ts'
import { badRequest } from '../../api/status.ts'
import { isCustom, type KindDefinition } from '../kind.ts'

export interface SelectorTexts {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

/** What a list or watch picks. */
export interface Selection {
  /** Undefined picks everything. */
  matches: ((object: KubeObject) => boolean) | undefined
  /** The one namespace that can match; undefined for all. */
  namespace: string | undefined
  /** The one name that can match, when a field selector says so. */
  name: string | undefined
}

/** Reads selectors. Throws BadRequest for text that does not parse and for fields the kind does not offer. */
export function compileSelection(definition: KindDefinition, texts: SelectorTexts): Selection {
  try {
    const labels = parseLabelSelector(texts.labelSelector ?? '')
    const fields = parseFieldSelector(texts.fieldSelector ?? '')
    const tests = fields.map((requirement) => fieldTest(definition, requirement))
    if (labels.length > 0) tests.unshift((object) => matchesRequirements(labels, object.metadata.labels))
    const namespace =
      texts.namespace || (definition.namespaced ? exactValue(fields, 'metadata.namespace') : undefined)
    return {
      matches:
        tests.length === 0
          ? undefined
          : tests.length === 1
            ? tests[0]
            : (object) => tests.every((test) => test(object)),
      namespace: definition.namespaced ? namespace : undefined,
      name: exactValue(fields, 'metadata.name'),
    }
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

function fieldTest(
  definition: KindDefinition,
  { field, operator, value }: FieldRequirement,
): (object: KubeObject) => boolean {
  const read = fieldReader(definition, field)
  if (!read) throw badRequest(unknownField(definition, field))
  return operator === '=' ? (object) => read(object) === value : (object) => read(object) !== value
}

/** Kinds without fields of their own share upstream's general refusal; the others are as particular as upstream's. */
function unknownField(definition: KindDefinition, field: string): string {
  if (definition.refuseField) return definition.refuseField(field)
  if (hasOwnFields(definition)) return `field label not supported: ${field}`
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

/** Whether the kind says by itself which fields it offers. Custom resources always do. */
function hasOwnFields(definition: KindDefinition): boolean {
  return definition.selectableFields !== undefined || isCustom(definition)
}

function fieldReader(
  definition: KindDefinition,
  field: string,
): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name
  // The general rule takes a namespace of kinds that have none, too: it is empty.
  if (field === 'metadata.namespace' && (definition.namespaced || !hasOwnFields(definition)))
    return (object) => object.metadata.namespace ?? ''
  const { selectableFields } = definition
  return selectableFields && Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined
}
