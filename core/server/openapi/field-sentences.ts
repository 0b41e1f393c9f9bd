/** Types that the client's declarations have no model of, in words of our own. */
const types: Record<string, string> = {
  CustomResourceSubresourceStatus:
    'That custom resources have a status of their own endpoint; there is nothing more to say of it.',
  FieldsV1: 'A set of fields as a tree: "f:" begins the name of a field, "k:" and "v:" find items of lists.',
  JSONSchemaPropsOrStringArray: 'A schema, or names of fields.',
  Patch: 'The body of a patch, in the form that its media type names.',
  Quantity:
    'An amount, as a number or as text with a suffix: decimal (m, k, M, G, …), binary (Ki, Mi, Gi, …) or an exponent.',
  RawExtension: 'An object of any kind, as it stands.',
  Time: 'A time to the second, as text in the form of RFC 3339.',
}

/** Where a type's own text can be found: as that of a field which refers to it. */
const fieldsOfTypes: Record<string, { model: string; field: string }> = {
  IntOrString: { model: 'V1HTTPGetAction', field: 'port' },
  JSON: { model: 'V1JSONSchemaProps', field: 'example' },
  JSONSchemaPropsOrArray: { model: 'V1JSONSchemaProps', field: 'items' },
  JSONSchemaPropsOrBool: { model: 'V1JSONSchemaProps', field: 'additionalItems' },
  MicroTime: { model: 'V1LeaseSpec', field: 'acquireTime' },
}

/** Fields that refer to another type and of which upstream says nothing. */
const undescribed = new Set([
  'CertificateSigningRequest.metadata',
  'CertificateSigningRequestList.metadata',
  'IngressRule.http',
  'JSONSchemaProps.additionalItems',
  'JSONSchemaProps.additionalProperties',
  'JSONSchemaProps.example',
  'JSONSchemaProps.externalDocs',
  'JSONSchemaProps.items',
  'JSONSchemaProps.not',
])

export function textOfType(type: string): string | undefined {
  return Object.hasOwn(types, type) ? types[type] : undefined
}

export function fieldOfType(type: string): { model: string; field: string } | undefined {
  return Object.hasOwn(fieldsOfTypes, type) ? fieldsOfTypes[type] : undefined
}

const sentences: Record<string, (owner: string) => string> = {
  metadata: () => "Standard object's metadata, which every object has.",
  spec: (owner) => `What is wanted of this ${owner}.`,
  status: (owner) => `What is the case with this ${owner}, as was last seen.`,
}

/**
 * What is said of a field that refers to another type. The declarations have the type's text there, or none: that is
 * told from the field's own by its first word, which is the type's name.
 */
export function textOfReference(reference: {
  owner: string
  field: string
  type: string
  text?: string | undefined
}): string | undefined {
  const { owner, field, type, text } = reference
  if (undescribed.has(`${owner}.${field}`)) return undefined
  if (text !== undefined && !text.startsWith(`${type} `)) return text
  if (field === 'metadata' && type === 'ListMeta') return 'Metadata of the list.'
  const sentence = Object.hasOwn(sentences, field) ? sentences[field] : undefined
  return sentence?.(owner) ?? `The ${wordsOf(field)} of this ${owner}.`
}

/** `downwardAPI` → `downward API`. */
function wordsOf(field: string): string {
  return field
    .replace(
      /([a-z\d])([A-Z][a-z])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    )
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
}
