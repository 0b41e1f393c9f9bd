import { describe, expect, it } from 'vitest'
import { equalInside, immutableInside, internalForm } from './internal-form.ts'

describe('the form of internal types', () => {
  it('shows absent fields by Go’s zero values, in the order of the type', () => {
    expect(JSON.stringify(internalForm('networking.ParentReference', { name: 'n', resource: 'r' }))).toBe(
      '{"Group":"","Resource":"r","Namespace":"","Name":"n"}',
    )
    expect(internalForm('*batch.SuccessPolicy', undefined)).toBeNull()
    expect(internalForm('batch.SuccessPolicy', { rules: [{}] })).toEqual({
      Rules: [{ SucceededIndexes: null, SucceededCount: null }],
    })
  })

  it('has the fields of embedded structs among the others, and metadata by its JSON names', () => {
    expect(internalForm('core.Volume', { name: 'v', emptyDir: {} })).toMatchObject({
      Name: 'v',
      EmptyDir: { Medium: '', SizeLimit: null },
      HostPath: null,
    })
    const spec = { metadata: { labels: { a: 'b' } }, spec: {} }
    expect(JSON.stringify(internalForm('resource.ResourceClaimTemplateSpec', spec))).toBe(
      '{"labels":{"a":"b"},"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}',
    )
  })

  it('has namespaces of the host in the security context of a pod', () => {
    const shown = internalForm('core.PodSpec', { hostNetwork: true, securityContext: { fsGroup: 1 } })
    expect(shown).toMatchObject({ SecurityContext: { HostNetwork: true, HostPID: false, FSGroup: 1 } })
    expect(shown).not.toHaveProperty('HostNetwork')
  })

  it('writes maps by key', () => {
    const shown = internalForm('core.PersistentVolumeClaimSpec', {
      selector: { matchExpressions: [], matchLabels: { b: '1', a: '2' } },
    })
    expect(JSON.stringify(shown)).toContain('{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[]}')
  })

  it('knows its types', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } }, b: { additionalProperties: false } },
      'x-kubernetes-list-map-keys': ['k'],
      enum: [{ b: 1, a: 2 }],
    }
    expect(internalForm('apiextensions.JSONSchemaProps', schema)).toMatchObject({
      ID: '',
      Type: 'object',
      Enum: [{ a: 2, b: 1 }],
      Properties: {
        a: { Items: { Schema: { Type: 'string', Items: null }, JSONSchemas: null } },
        b: { AdditionalProperties: { Allows: false, Schema: null } },
      },
      XListMapKeys: ['k'],
      XIntOrString: false,
      XValidations: null,
    })
    expect(() => internalForm('core.Nothing', {})).toThrow('no internal type core.Nothing')
  })
})

it('an empty struct is not the same as none, an empty list is', () => {
  const spec = (more: object): object => ({ containers: [], ...more })
  expect(equalInside('core.PodSpec', spec({ affinity: {} }), spec({}))).toBe(false)
  expect(equalInside('core.PodSpec', spec({ tolerations: [] }), spec({}))).toBe(true)
  expect(immutableInside('spec', 'core.PodSpec', spec({ volumes: [] }), spec({}))).toEqual([])
  expect(immutableInside('a', 'string', undefined, 'x')).toEqual([
    { type: 'FieldValueInvalid', field: 'a', message: 'Invalid value: "": field is immutable' },
  ])
})
