import { describe, expect, it } from 'vitest'
import type { KubeObject } from './meta.ts'
import { isCustomResource, orderedObject, structMetadata } from './ordered-object.ts'

const shared = Object.freeze({ 'f:spec': { 'f:b': {}, 'f:a': {} } })
const metadata = {
  uid: 'u',
  name: 'n',
  labels: { b: '1', a: '2' },
  managedFields: [{ manager: 'm', fieldsV1: shared }],
}
const object = { spec: { b: [{ z: 1, y: 2 }], a: null }, metadata, kind: 'Widget' }

describe('an object in the order of upstream', () => {
  it('is a map with sorted keys where it is a custom resource', () => {
    const ordered = orderedObject({ ...object, apiVersion: 'example.com/v1' } as unknown as KubeObject)
    expect(JSON.stringify(ordered)).toBe(
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"labels":{"a":"2","b":"1"},"managedFields":[{"fieldsV1":{"f:spec":{"f:b":{},"f:a":{}}},"manager":"m"}],"name":"n","uid":"u"},"spec":{"a":null,"b":[{"y":2,"z":1}]}}',
    )
    expect(ordered.metadata.managedFields![0]!.fieldsV1).toBe(shared)
    expect(orderedObject(ordered)).toBe(ordered)
    expect(Object.keys(structMetadata(ordered))).toEqual(['name', 'uid', 'labels', 'managedFields'])
  })

  it('is a struct where it is built in', () => {
    const ordered = orderedObject({ ...object, apiVersion: 'apps/v1' } as unknown as KubeObject)
    expect(JSON.stringify(ordered)).toMatch(
      /^\{"kind":"Widget","apiVersion":"apps\/v1","metadata":\{"name":"n","uid":/,
    )
    expect(JSON.stringify(ordered)).toContain('"spec":{"b":[{"z":1,"y":2}],"a":null}')
  })

  it.each([
    ['v1', false],
    ['apps/v1', false],
    ['rbac.authorization.k8s.io/v1', false],
    ['gateway.networking.k8s.io/v1', true],
    ['example.com/v1', true],
  ])('%s', (apiVersion, isCustom) => {
    expect(isCustomResource({ apiVersion })).toBe(isCustom)
  })
})
