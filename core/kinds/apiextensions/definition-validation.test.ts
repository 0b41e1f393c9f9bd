import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'
import type { AnyObject } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const schema = (property: string): string =>
  `schema: { openAPIV3Schema: { type: object, properties: { spec: ${property} } } }`
const plain = schema('{ type: object, properties: { color: { type: string } } }')
const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

function crd(versions: string[], spec = ''): string {
  const [first, ...others] = versions
  const listed = [`{ storage: true, served: true, name: v1, ${first!} }`]
  for (const [at, other] of others.entries())
    listed.push(`{ storage: false, served: true, name: v${at + 2}, ${other} }`)
  return `{ kind: CustomResourceDefinition, apiVersion: apiextensions.k8s.io/v1, metadata: { name: widgets.example.com },
    spec: { group: example.com, scope: Namespaced, names: { plural: widgets, kind: Widget }, versions: [${listed.join(', ')}]${spec && `, ${spec}`} } }`
}

describe('a CustomResourceDefinition', () => {
  it.each<[what: string, yaml: string, causes: string[]]>([
    [
      'what all versions share is refused once',
      crd([schema('{ type: odd }'), schema('{ type: odd }')]),
      [
        'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"',
      ],
    ],
    [
      'what differs is refused in its version',
      crd([plain, `${schema('{ type: odd }')}, additionalPrinterColumns: [{ name: a }]`]),
      [
        'FieldValueNotSupported spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"',
        'FieldValueRequired spec.versions[1].additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
        'FieldValueRequired spec.versions[1].additionalPrinterColumns[0].JSONPath: Required value',
      ],
    ],
    [
      'rules say something in one line, of a field that there is',
      crd([
        schema(
          `{ type: object, properties: { a: { type: string } }, x-kubernetes-validations: [{ rule: "true", message: "  " }, { rule: "true", message: "a\\nb" }, { rule: "true", fieldPath: " " }, { rule: "true", fieldPath: .c }, { rule: "true", fieldPath: ".a\\n" }] }`,
        ),
      ]),
      [
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: Invalid value: "  ": must be non-empty if specified',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].message: Invalid value: "a\\nb": must not contain line breaks',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].fieldPath: Invalid value: " ": must be non-empty if specified',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].fieldPath: Invalid value: " ": must be a valid path',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[3].fieldPath: Invalid value: ".c": must be a valid path',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[4].fieldPath: Invalid value: ".a\\n": must not contain line breaks',
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[4].fieldPath: Invalid value: ".a\\n": must be a valid path',
      ],
    ],
    [
      'a reference is all that is told of a schema that has one',
      crd([schema('{ $ref: "#/x" }')]),
      [
        'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].$ref: Forbidden: $ref is not supported',
      ],
    ],
    [
      'a dialect cannot be chosen',
      crd([schema('{ type: string, $schema: x }')]),
      [
        `FieldValueInvalid spec.validation.openAPIV3Schema: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`,
      ],
    ],
    [
      'what junctors below the root check need not be described',
      crd([schema('{ type: object, anyOf: [{ properties: { b: { minLength: 1 } } }] }')]),
      [],
    ],
    [
      'a default of the whole says what it is',
      crd(['schema: { openAPIV3Schema: { type: object, default: {} } }']),
      [
        'FieldValueRequired spec.validation.openAPIV3Schema.default.apiVersion: Required value',
        'FieldValueRequired spec.validation.openAPIV3Schema.default.kind: Required value',
      ],
    ],
    [
      'versions are shown as Go has them',
      crd([plain, plain]).replace('storage: false', 'storage: true'),
      [
        'FieldValueInvalid spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v2","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
        'FieldValueInvalid status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
      ],
    ],
    [
      'what differs between versions stands in them',
      crd([`${plain}, subresources: { status: {} }`, plain]).replace('storage: false', 'storage: true'),
      [
        expect.stringContaining(
          '"Subresources":{"Status":{},"Scale":null},"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v2"',
        ),
        'FieldValueInvalid status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
      ],
    ],
    [
      'a root that says too much for a status',
      crd(['schema: { openAPIV3Schema: { type: object, maxProperties: 3 } }, subresources: { status: {} }']),
      [
        expect.stringMatching(
          /^FieldValueInvalid spec.validation.openAPIV3Schema: Invalid value: \{"ID":"","Schema":"","Ref":null,.*"MaxProperties":3,.*"XValidations":null\}: only \[Description /,
        ),
      ],
    ],
    [
      'selectable fields stand with the schema',
      crd([`${plain}, selectableFields: [{ jsonPath: .spec.color }]`, plain]),
      [
        'FieldValueInvalid spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
      ],
    ],
    [
      'selectable fields are paths to scalars',
      crd([
        `${plain}, selectableFields: [{ jsonPath: spec }, { jsonPath: "." }, { jsonPath: ".spec[a]" }, { jsonPath: .spec }, { jsonPath: .none }, {}]`,
      ]),
      [
        'FieldValueInvalid spec.selectableFields[0].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
        'FieldValueInvalid spec.selectableFields[1].jsonPath: Invalid value: ".": is an invalid path: unexpected end of JSON path',
        'FieldValueInvalid spec.selectableFields[2].jsonPath: Invalid value: ".spec[a]": is an invalid path: array notation is not allowed',
        'FieldValueInvalid spec.selectableFields[3].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'FieldValueInvalid spec.selectableFields[4].jsonPath: Invalid value: ".none": is an invalid path: does not refer to a valid field',
        'FieldValueRequired spec.selectableFields[5].jsonPath: Required value',
      ],
    ],
    [
      'the name of the first version',
      crd([plain]).replace('name: v1', 'name: V1'),
      [
        `FieldValueInvalid spec.versions[0].name: Invalid value: "V1": ${label}`,
        `FieldValueInvalid spec.version: Invalid value: "V1": ${label}`,
      ],
    ],
    [
      'a conversion without a webhook',
      crd(
        [plain],
        'conversion: { strategy: None, webhook: { conversionReviewVersions: [v1], clientConfig: { url: "https://a" } } }',
      ),
      [
        'FieldValueForbidden spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
        'FieldValueForbidden spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
      ],
    ],
    [
      'a conversion webhook',
      crd(
        [plain],
        'preserveUnknownFields: true, conversion: { strategy: Webhook, webhook: { conversionReviewVersions: [A, A], clientConfig: { service: { path: x//y } } } }',
      ),
      [
        'FieldValueInvalid spec.conversion.strategy: Invalid value: "Webhook": must be None if spec.preserveUnknownFields is true',
        'FieldValueRequired spec.conversion.webhookClientConfig.service.name: Required value',
        'FieldValueRequired spec.conversion.webhookClientConfig.service.namespace: Required value',
        'FieldValueInvalid spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": must start with a \'/\'',
        'FieldValueInvalid spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": segment[0] may not be empty',
        'FieldValueInvalid spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": segment[1] may not be empty',
        `FieldValueInvalid spec.conversion.conversionReviewVersions[0]: Invalid value: "A": ${label}`,
        'FieldValueInvalid spec.conversion.conversionReviewVersions[1]: Invalid value: "A": duplicate version',
        'FieldValueInvalid spec.conversion.conversionReviewVersions: Invalid value: ["A","A"]: must include at least one of v1, v1beta1',
        'FieldValueInvalid spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'lists with keys',
      crd([
        schema(
          '{ type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a, b], items: { type: object, nullable: true, properties: { a: { type: string }, b: { type: array, default: [], items: { type: string } } } } }',
        ),
      ]),
      [
        'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].items.properties[b].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
        'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map',
        'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ],
    ],
  ])('is refused: %s', async (_what, yaml, causes) => {
    expect(await causesOf(kinds.create(yaml))).toEqual(causes)
  })

  it.each<[what: string, change: (object: AnyObject) => void, causes: string[]]>([
    [
      'a stored version goes',
      ({ spec }) => (spec.versions[0].name = 'v9'),
      [
        'FieldValueInvalid status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
      ],
    ],
    ['kind and scope, before it is established', ({ spec }) => (spec.scope = 'Cluster'), []],
    [
      'what its name is made of',
      ({ spec }) => Object.assign(spec, { group: 'b.example.com' }),
      ['FieldValueInvalid spec.group: Invalid value: "b.example.com": field is immutable'],
    ],
    [
      'no schema',
      ({ spec }) => delete spec.versions[0].schema,
      ['FieldValueRequired spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
  ])('is changed: %s', async (_what, change, causes) => {
    const object = (await kinds.create(crd([plain]))) as AnyObject
    expect(await causesOf(kinds.update(object, change))).toEqual(causes)
  })

  it('takes certificates only once it is established', async () => {
    const client = (caBundle: string): string =>
      `conversion: { strategy: Webhook, webhook: { conversionReviewVersions: [v1], clientConfig: { url: "https://a", caBundle: ${caBundle} } } }`
    const object = (await kinds.create(crd([plain], client('""')))) as AnyObject
    const bundle = (copy: AnyObject): void => {
      copy.spec.conversion.webhook.clientConfig.caBundle = 'YWJj'
    }
    const established = await kinds.update(
      object,
      ({ status }) => (status.conditions = [{ type: 'Established', status: 'True' }]),
      'status',
    )
    expect(await causesOf(kinds.update(established, bundle))).toEqual([
      'FieldValueInvalid spec.conversion.webhookClientConfig.caBundle: Invalid value: "YWJj": unable to load root certificates: unable to parse bytes as PEM block',
    ])
  })
})
