import { describe, expect, it } from 'vitest'
import { openApiFacts } from '../schema/api-facts.ts'
import { createNodeSource } from '../schema/build-nodes.ts'
import { applyPatch } from './apply-patch.ts'

const nodes = createNodeSource(openApiFacts())
const podSpec = nodes.ofName('io.k8s.api.core.v1.PodSpec')
const metadata = nodes.ofName('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')

type Json = Record<string, unknown>

const spec = {
  nodeName: 'n',
  containers: [{ name: 'a', image: 'a:1' }, { name: 'b' }],
  volumes: [],
  tolerations: [{ key: 'k' }],
  nodeSelector: { a: 'b' },
  securityContext: { runAsUser: 1 },
}

function refusalOf(patch: Json, { document = spec as Json, node = podSpec } = {}): unknown {
  try {
    return { taken: applyPatch(document, { type: 'strategic', patch }, node) }
  } catch (error) {
    const { code, reason, message } = error as { code?: number; reason?: string; message: string }
    return [code, reason, message]
  }
}

// What upstream's handler makes of the errors of package strategicpatch.
describe('a strategic merge patch that cannot be applied', () => {
  const order = '$setElementOrder/containers'

  it.each<[Json, string]>([
    [{ $patch: 'x' }, 'unknown patch type: x in map: map[$patch:x]'],
    [{ $patch: 'merge', nodeName: 'm' }, 'unknown patch type: merge in map: map[$patch:merge nodeName:m]'],
    [{ $patch: 7 }, 'unknown patch type: %!s(int64=7) in map: map[$patch:7]'],
    [{ securityContext: { $patch: null } }, 'unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]'],
    [{ containers: [{ name: 'a', $patch: 'x' }] }, 'unknown patch type: x in map: map[$patch:x name:a]'],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [
      { containers: [{ image: 'x', tty: true }] },
      'map: map[image:x tty:true] does not contain declared merge key: name',
    ],
    [
      { containers: [{ $patch: 'delete' }] },
      'map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      { containers: [{ $patch: 'replace' }, { image: 'x' }] },
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      { containers: ['a'] },
      'list element types are not identical: [[map[image:a:1 name:a] map[name:b]] [a]]',
    ],
    [{ volumes: ['a'] }, 'expected a map[string]interface {}, but received a string'],
    [{ [order]: 'x' }, 'expected a []interface {}, but received a string'],
    [{ [order]: null }, 'expected a []interface {}, but received a %!s(<nil>)'],
    [{ [order]: [], containers: null }, 'expected a []interface {}, but received a %!s(<nil>)'],
    [{ '$setElementOrder/nodeName': [] }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/odd': [] }, 'unable to find api field in struct PodSpec for the json field "odd"'],
    [{ '$setElementOrder/affinity': [] }, 'expected slice or array type, but got: struct'],
    [{ [order]: ['a'] }, 'value for key 0 is not a map'],
    [{ [order]: [{ name: 'a' }, 5] }, 'value for key 1 is not a map'],
    [
      { [order]: [{ name: 'a' }, { name: 'b' }, 5] },
      'expected a map[string]interface {}, but received a int64',
    ],
    [
      { [order]: [{ name: 'b' }, { name: 'a' }, { image: 'x' }] },
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      { [order]: [{ name: 'b' }], containers: ['b'] },
      'expected a map[string]interface {}, but received a string',
    ],
    [
      { [order]: [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a' }, { name: 'b' }] },
      "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n",
    ],
    [{ '$setElementOrder/volumes': [{ name: 'v' }] }, 'no elements in any of the given slices'],
  ])('is answered with 500 and what is wrong: %j', (patch, message) => {
    expect(refusalOf(patch)).toEqual([500, '', message])
  })

  it.each<[Json, string]>([
    [{ $setElementOrder: [] }, 'invalid patch format of setElementOrder list'],
    [{ '$setElementOrderOf/containers': [] }, 'invalid patch format of setElementOrder list'],
    [{ $deleteFromPrimitiveList: [] }, 'invalid patch format of primitive list'],
    [{ $retainKeys: 'x' }, 'invalid patch format of retainKeys'],
    [{ $retainKeys: ['nodeName'], hostname: 'h' }, 'invalid patch format of retainKeys'],
  ])('is answered with 400 where a directive has the wrong form: %j', (patch, message) => {
    expect(refusalOf(patch)).toEqual([400, 'BadRequest', message])
  })

  it('is answered with 422 for a list of lists', () => {
    expect(refusalOf({ volumes: [['a']] })).toEqual([
      422,
      'Invalid',
      'the server rejected our request due to an error in our request',
    ])
  })

  it.each<[Json, Json]>([
    [{ '$deleteFromPrimitiveList/finalizers': null }, { name: 'n' }],
    [{ '$deleteFromPrimitiveList/finalizers': 'x' }, { name: 'n', finalizers: ['a', 'b'] }],
    [{ '$setElementOrder/finalizers': ['b', 'a'] }, { name: 'n', finalizers: ['b', 'a'] }],
  ])('is none: %j', (patch, taken) => {
    const document = { name: 'n', finalizers: ['a', 'b'] }
    expect(refusalOf(patch, { document, node: metadata })).toEqual({ taken })
  })
})
