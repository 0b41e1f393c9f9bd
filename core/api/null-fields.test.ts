import { describe, expect, it } from 'vitest'
import { dropNulls, withNulls } from './null-fields.ts'

describe('what Go writes as null', () => {
  it.each([
    [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: {} }, { rules: null }],
    [{ apiVersion: 'v1', kind: 'LimitRange', spec: { limits: [] } }, { spec: { limits: null } }],
    [
      { apiVersion: 'v1', kind: 'Event' },
      { firstTimestamp: null, lastTimestamp: null, eventTime: null },
    ],
    [
      { apiVersion: 'v1', kind: 'Pod', status: { conditions: [{ type: 'Ready' }] } },
      { status: { conditions: [{ type: 'Ready', lastProbeTime: null, lastTransitionTime: null }] } },
    ],
    [
      { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', spec: { drivers: [{ name: 'd' }] } },
      { spec: { drivers: [{ name: 'd', topologyKeys: null }] } },
    ],
  ])('of %j', (object, nulls) => {
    const before = structuredClone(object)
    expect(withNulls(object)).toEqual({ ...object, ...nulls })
    expect(object).toEqual(before)
  })

  it('is nothing where there is a value, or in other kinds', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', rules: [{ verbs: ['get'] }] }
    expect(withNulls(role)).toBe(role)
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: {} }
    expect(withNulls(pod)).toBe(pod)
    const map = { apiVersion: 'v1', kind: 'ConfigMap' }
    expect(withNulls(map)).toBe(map)
  })

  it('is taken out again', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', status: { conditions: [{ type: 'Ready' }] } }
    const read = structuredClone(withNulls(pod))
    dropNulls(read)
    expect(read).toEqual(pod)
  })
})
