import { describe, expect, it } from 'vitest'
import type { AnyObject } from '../testing/test-kinds.ts'
import { CustomCluster, definition, problemsOf, version, withSpec } from './testing/custom-cluster.ts'

describe('CustomResourceDefinition', () => {
  const at = 'spec.validation.openAPIV3Schema.properties[spec]'

  it.each<[string, AnyObject, string[]]>([
    [
      'another name',
      definition({ metadata: { name: 'x.example.com' } }),
      ['metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'a scope',
      definition({ spec: { scope: 'All' } }),
      ['spec.scope: Unsupported value: "All": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'a storage version',
      definition({ spec: { versions: [version({ storage: false })] } }),
      [
        expect.stringContaining(
          'must have exactly one version marked as storage version',
        ) as unknown as string,
        'status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    ],
    [
      'unique versions',
      definition({ spec: { versions: [version(), version({ storage: false })] } }),
      [expect.stringContaining('must contain unique version names') as unknown as string],
    ],
    [
      'a schema',
      definition({ spec: { versions: [version({ schema: undefined })] } }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'pruning',
      definition({ spec: { preserveUnknownFields: true } }),
      [
        'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'conversion webhooks',
      definition({ spec: { conversion: { strategy: 'Webhook' } } }),
      [
        'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
        'spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'a community group',
      definition({ metadata: { name: 'widgets.x.k8s.io' }, spec: { group: 'x.k8s.io' } }),
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
    [
      'types',
      withSpec({ properties: { a: { type: 'string' } } }),
      [`${at}.type: Required value: must not be empty for specified object fields`],
    ],
    [
      'item types',
      withSpec({ type: 'array', items: {} }),
      [`${at}.items.type: Required value: must not be empty for specified array items`],
    ],
    ['items', withSpec({ type: 'array' }), [`${at}.items: Required value: must be specified`]],
    [
      'nested types',
      withSpec({ type: 'object', anyOf: [{ type: 'object' }] }),
      [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'nested fields',
      definition({
        spec: {
          versions: [
            version({ schema: { openAPIV3Schema: { type: 'object', not: { properties: { a: {} } } } } }),
          ],
        },
      }),
      [
        'spec.validation.openAPIV3Schema.properties[a]: Required value: because it is defined in spec.validation.openAPIV3Schema.not.properties[a]',
      ],
    ],
    [
      'unique items',
      withSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        `${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'references',
      withSpec({ type: 'object', $ref: '#/x' }),
      [`${at}.$ref: Forbidden: $ref is not supported`],
    ],
    [
      'maps or structs',
      withSpec({
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      [`${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'patterns',
      withSpec({ type: 'string', pattern: '(?=x)' }),
      [
        expect.stringContaining(
          `${at}.pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: `,
        ) as unknown as string,
      ],
    ],
    [
      'defaults',
      withSpec({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } }),
      [`${at}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'pruned defaults',
      withSpec({ type: 'object', default: { b: 1 }, properties: { a: { type: 'integer' } } }),
      [`${at}.default: Invalid value: {"b":1}: must not have unknown fields`],
    ],
    [
      'list keys',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      [
        `${at}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    ],
    [
      'preserve-unknown-fields',
      withSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'embedded objects',
      withSpec({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      [
        `${at}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
      ],
    ],
    [
      'columns',
      definition({
        spec: {
          versions: [version({ additionalPrinterColumns: [{ name: 'A', type: 'float', jsonPath: 'x' }] })],
        },
      }),
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "float": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .',
      ],
    ],
    [
      'selectable fields',
      definition({
        spec: {
          versions: [version({ selectableFields: [{ jsonPath: '.spec.list' }, { jsonPath: '.spec.none' }] })],
        },
      }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[1].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      'scale paths',
      definition({
        spec: {
          versions: [
            version({
              subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: '.status.b' } },
            }),
          ],
        },
      }),
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
      ],
    ],
  ])('is checked: %s', async (_what, crd, problems) => {
    const cluster = new CustomCluster()
    expect(await problemsOf(cluster.definitions.create(undefined, crd, cluster.options()))).toEqual(problems)
  })
})
