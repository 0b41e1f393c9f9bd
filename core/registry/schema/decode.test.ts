import { describe, expect, it } from 'vitest'
import { openApiFacts } from './api-facts.ts'
import { createNodeSource } from './build-nodes.ts'
import { createSchemaCompiler } from './kind-schema.ts'
import type { Schema } from './schema.ts'

const compiler = createSchemaCompiler(createNodeSource(openApiFacts()))
const schemaOf = (name: string) => compiler.compile(`io.k8s.api.${name}`)
const decode = (name: string, value: unknown) => schemaOf(name).decode(value)

describe('decoding a built-in type', () => {
  it('writes what Go writes: embedded structs, required zeros and defaults, and nothing more', () => {
    const { object } = decode('apps.v1.Deployment', {
      spec: {
        selector: {},
        template: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } },
      },
    })
    expect(object).toEqual({
      metadata: {},
      spec: {
        selector: {},
        strategy: {},
        template: {
          metadata: {},
          spec: {
            containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }],
          },
        },
      },
      status: {},
    })
    expect(decode('apps.v1.ReplicaSet', {}).object).toMatchObject({ status: { replicas: 0 } })
  })

  it('drops what omitempty drops and keeps what a pointer keeps', () => {
    const { object } = decode('apps.v1.Deployment', {
      metadata: { labels: {}, finalizers: [], name: '' },
      spec: {
        replicas: 0,
        paused: false,
        minReadySeconds: 0,
        template: { spec: { nodeSelector: null, containers: null } },
      },
    })
    expect(object.metadata).toEqual({})
    expect(object).toMatchObject({ spec: { replicas: 0 } })
    expect((object as unknown as { spec: object }).spec).not.toHaveProperty('paused')
    expect(decode('core.v1.Pod', { spec: { automountServiceAccountToken: false } }).object).toMatchObject({
      spec: { automountServiceAccountToken: false },
    })
  })

  it('prunes unknown fields and names their paths', () => {
    const { object, unknownFields } = decode('core.v1.Pod', {
      bogus: 1,
      metadata: { labels: { a: 'b' }, nonsense: true },
      spec: { containers: [{ name: 'a' }, { name: 'b', imagee: 'x', ports: [{ containerPort: 1, x: 2 }] }] },
    })
    expect(unknownFields).toEqual([
      'bogus',
      'metadata.nonsense',
      'spec.containers[1].imagee',
      'spec.containers[1].ports[0].x',
    ])
    expect(JSON.stringify(object)).not.toMatch(/bogus|nonsense|imagee/)
  })

  it.each([
    [
      { spec: { replicas: 'x' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 3e9 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { paused: 'yes' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool',
    ],
    [
      { spec: [] },
      'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec',
    ],
    [
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { spec: { template: { spec: { containers: [{ image: 5 }] } } } },
      'json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string',
    ],
    [
      { spec: { template: { spec: { containers: {} } } } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [{ metadata: { creationTimestamp: 'yesterday' } }, /^parsing time "yesterday"/],
    [
      { spec: { template: { spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } } } },
      /^quantities must match the regular expression/,
    ],
    ['text', /cannot unmarshal string/],
  ])('refuses %j', (value, message) => {
    expect(() => decode('apps.v1.Deployment', value)).toThrow(message)
  })

  it('writes quantities, times and bytes in their canonical form', () => {
    const { object } = decode('core.v1.Pod', {
      metadata: { creationTimestamp: '2026-01-01T02:00:00.5+01:00' },
      spec: { containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] },
    })
    expect(object).toMatchObject({
      metadata: { creationTimestamp: '2026-01-01T01:00:00Z' },
      spec: { containers: [{ resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
    })
    const lease = decode('coordination.v1.Lease', { spec: { renewTime: '2026-01-01T01:00:00.123456+01:00' } })
    expect(lease.object).toMatchObject({ spec: { renewTime: '2026-01-01T00:00:00.123456Z' } })
    expect(decode('core.v1.Secret', { data: { a: 'YW\nJj' } }).object).toMatchObject({ data: { a: 'YWJj' } })
    expect(() => decode('core.v1.Secret', { data: { a: 'a%b=' } })).toThrow(
      'illegal base64 data at input byte 1',
    )
  })

  it('takes numbers and strings where a type allows both', () => {
    const ports = [
      { port: 80, targetPort: 'http' },
      { port: 81, targetPort: 8081 },
    ]
    expect(decode('core.v1.Service', { spec: { ports } }).object).toMatchObject({ spec: { ports } })
    expect(() => decode('core.v1.Service', { spec: { ports: [{ port: 80, targetPort: true }] } })).toThrow(
      'IntOrString',
    )
  })

  it('shares nothing with its input and is safe from prototype keys', () => {
    const input = JSON.parse('{"data":{"__proto__":"x","a":"b"}}') as { data: Record<string, string> }
    const { object, unknownFields } = decode('core.v1.ConfigMap', input)
    expect((object as unknown as { data: object }).data).toEqual({ a: 'b' })
    expect((object as unknown as { data: object }).data).not.toBe(input.data)
    expect(unknownFields).toEqual(['data.__proto__'])
  })

  it('refuses bodies nested beyond any real object', () => {
    let schema: object = {}
    for (let i = 0; i < 600; i++) schema = { properties: { a: schema } }
    const crd = compiler.compile(
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    )
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }]
    expect(() => crd.decode({ spec: { versions } })).toThrow('exceeded max depth')
  })
})

describe('a structural schema', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer' },
          mode: { type: 'string', enum: ['fast', 'safe'], default: 'safe' },
          port: { 'x-kubernetes-int-or-string': true },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          nested: { type: 'object', default: {}, properties: { on: { type: 'boolean', default: true } } },
        },
      },
    },
  }
  const compiled = compiler.compile(schema)

  it('prunes, and applies every default', () => {
    const { object, unknownFields } = compiled.decode({
      metadata: { name: 'a', odd: 1 },
      spec: { size: 1, stray: true, free: { any: { thing: 1 } }, mode: null },
    })
    expect(object).toEqual({
      metadata: { name: 'a' },
      spec: { size: 1, mode: 'safe', free: { any: { thing: 1 } }, nested: { on: true } },
    })
    expect(unknownFields).toEqual(['metadata.odd', 'spec.stray'])
  })

  it('reports types, missing fields and unsupported values with their paths', () => {
    const { object } = compiled.decode({
      metadata: {},
      spec: { mode: 'slow', port: 1.5, nested: { on: 'x' } },
    })
    expect(compiled.validate(object)).toEqual([
      {
        type: 'FieldValueNotSupported',
        field: 'spec.mode',
        message: 'Unsupported value: "slow": supported values: "fast", "safe"',
      },
      {
        type: 'FieldValueTypeInvalid',
        field: 'spec.port',
        message: 'Invalid value: "number": spec.port in body must be of type integer,string: "number"',
      },
      {
        type: 'FieldValueTypeInvalid',
        field: 'spec.nested.on',
        message: 'Invalid value: "string": spec.nested.on in body must be of type boolean: "string"',
      },
      { type: 'FieldValueRequired', field: 'spec.size', message: 'Required value' },
    ])
  })
})
