import { describe, expect, it } from 'vitest'
import { openApiFacts } from '../schema/api-facts.ts'
import { createNodeSource } from '../schema/build-nodes.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

/*
 * What upstream's own cases assert (apimachinery: strategicpatch/patch_test.go), told with a PodSpec: `containers` merge by
 * name, `volumes` too and with retainKeys, `args` are replaced; and with ObjectMeta, whose finalizers merge as a set.
 */
const nodes = createNodeSource(openApiFacts())
const podSpec = nodes.ofName('io.k8s.api.core.v1.PodSpec')
const metadata = nodes.ofName('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')

type Json = Record<string, unknown>
interface Case {
  document: Json
  patch: Json
  result: Json
}

const named = (...names: string[]): Json[] => names.map((name) => ({ name }))

const onPodSpec: Record<string, Case> = {
  'a replaced list without items is empty': {
    document: { containers: named('a', 'b') },
    patch: { containers: [{ $patch: 'replace' }] },
    result: { containers: [] },
  },
  'empty lists merge to an empty one': {
    document: { containers: [] },
    patch: { containers: [] },
    result: { containers: [] },
  },
  'an empty list changes no merged list': {
    document: { containers: named('a') },
    patch: { containers: [] },
    result: { containers: named('a') },
  },
  'an empty list empties one that is replaced': {
    document: { containers: [{ name: 'a', args: ['x'] }] },
    patch: { containers: [{ name: 'a', args: [] }] },
    result: { containers: [{ name: 'a', args: [] }] },
  },
  'the whole object is replaced by nothing': {
    document: { nodeName: 'a', hostname: 'b' },
    patch: { $patch: 'replace' },
    result: {},
  },
  'the whole object is replaced by what stands beside the directive': {
    document: { nodeName: 'a', hostname: 'b' },
    patch: { $patch: 'replace', subdomain: 'c' },
    result: { subdomain: 'c' },
  },
  'a deletion takes every item of its key': {
    document: { containers: [...named('a', 'a'), { name: 'b', image: 'i' }, ...named('c', 'c')] },
    patch: {
      containers: [
        { name: 'a', $patch: 'delete' },
        { name: 'c', $patch: 'delete' },
      ],
    },
    result: { containers: [{ name: 'b', image: 'i' }] },
  },
  'a deletion of what is not there changes nothing': {
    document: { containers: named('a') },
    patch: { containers: [{ name: 'z', $patch: 'delete' }] },
    result: { containers: named('a') },
  },
  'a null inside an item takes out its field': {
    document: { containers: [{ name: 'a', image: 'i' }, { name: 'b' }] },
    patch: { containers: [{ name: 'a', image: null }] },
    result: { containers: named('a', 'b') },
  },
  'nulls for what is not there leave nothing behind': {
    document: { nodeName: 'n' },
    patch: { hostname: null, securityContext: { runAsUser: null, fsGroup: 1 } },
    result: { nodeName: 'n', securityContext: { fsGroup: 1 } },
  },
  'the order is that of the patch': {
    document: { containers: [{ name: 'a' }, { name: 'b', image: 'i' }, { name: 'c' }] },
    patch: { containers: [{ name: 'c', image: 'k' }, { name: 'a' }, { name: 'b', tty: true }] },
    result: { containers: [{ name: 'c', image: 'k' }, { name: 'a' }, { name: 'b', image: 'i', tty: true }] },
  },
  'what the patch does not name comes before its successors': {
    document: { containers: named('a', 'b', 'c') },
    patch: { containers: named('c', 'a') },
    result: { containers: named('b', 'c', 'a') },
  },
  '$setElementOrder may list what is nowhere': {
    document: { containers: named('a', 'c') },
    patch: {
      '$setElementOrder/containers': named('c', 'b', 'a'),
      containers: [{ name: 'c', image: 'i' }, { name: 'a' }],
    },
    result: { containers: [{ name: 'c', image: 'i' }, { name: 'a' }] },
  },
  '$setElementOrder alone reorders': {
    document: { containers: named('a', 'b', 'c') },
    patch: { '$setElementOrder/containers': named('c', 'a', 'b') },
    result: { containers: named('c', 'a', 'b') },
  },
  '$setElementOrder does not make a list': {
    document: { nodeName: 'n' },
    patch: { '$setElementOrder/containers': named('a') },
    result: { nodeName: 'n' },
  },
  '$setElementOrder goes with deletions': {
    document: { containers: named('a', 'b', 'c') },
    patch: {
      '$setElementOrder/containers': named('c', 'a'),
      containers: [{ name: 'b', $patch: 'delete' }],
    },
    result: { containers: named('c', 'a') },
  },
  'retainKeys is no duty': {
    document: { volumes: [{ name: 'v', emptyDir: {} }, { name: 'w' }] },
    patch: { volumes: [{ name: 'w', hostPath: { path: '/x' } }] },
    result: {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'w', hostPath: { path: '/x' } },
      ],
    },
  },
  '$retainKeys in a new item is no data': {
    document: { volumes: [] },
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] },
    result: { volumes: [{ name: 'v', emptyDir: {} }] },
  },
  '$retainKeys keeps what it lists and the patch does not name': {
    document: { volumes: [{ name: 'v', hostPath: { path: '/x' }, emptyDir: {} }] },
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'] }] },
    result: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
  },
  'items of a list within an item merge by their own key': {
    document: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
      ],
    },
    patch: {
      containers: [
        {
          name: 'a',
          '$setElementOrder/env': named('Y', 'X'),
          env: [{ name: 'X', value: null, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        },
      ],
    },
    result: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
        },
      ],
    },
  },
  '$deleteFromPrimitiveList takes from a list that is replaced too': {
    document: { containers: [{ name: 'a', args: ['x', 'y', 'z'] }] },
    patch: { containers: [{ name: 'a', '$deleteFromPrimitiveList/args': ['y'] }] },
    result: { containers: [{ name: 'a', args: ['x', 'z'] }] },
  },
}

const onMetadata: Record<string, Case> = {
  'a value stands once in a merged list': {
    document: { finalizers: ['a', 'b'] },
    patch: { finalizers: ['b', 'c'] },
    result: { finalizers: ['a', 'b', 'c'] },
  },
  'the order of values is that of the patch': {
    document: { finalizers: ['a', 'b', 'c'] },
    patch: { finalizers: ['c', 'a'] },
    result: { finalizers: ['b', 'c', 'a'] },
  },
  '$setElementOrder of values may list what is nowhere': {
    document: { finalizers: ['a', 'c'] },
    patch: { '$setElementOrder/finalizers': ['c', 'b', 'a'] },
    result: { finalizers: ['c', 'a'] },
  },
  '$deleteFromPrimitiveList of what is not there adds nothing': {
    document: { finalizers: ['a'] },
    patch: { '$deleteFromPrimitiveList/finalizers': ['z'] },
    result: { finalizers: ['a'] },
  },
  '$deleteFromPrimitiveList makes no list': {
    document: { name: 'n' },
    patch: { '$deleteFromPrimitiveList/finalizers': ['z'] },
    result: { name: 'n' },
  },
  'a deleted map is left empty': {
    document: { labels: { a: '1', b: '2' } },
    patch: { labels: { $patch: 'delete' } },
    result: { labels: {} },
  },
  'a null takes a label away': {
    document: { labels: { a: '1', b: '2' } },
    patch: { labels: { a: null, z: null } },
    result: { labels: { b: '2' } },
  },
  'owners merge by their uid': {
    document: { ownerReferences: [{ uid: '1', name: 'a' }] },
    patch: {
      ownerReferences: [
        { uid: '1', controller: true },
        { uid: '2', name: 'b' },
      ],
    },
    result: {
      ownerReferences: [
        { uid: '1', name: 'a', controller: true },
        { uid: '2', name: 'b' },
      ],
    },
  },
}

describe('strategic merge patch: what upstream asserts', () => {
  it.each(Object.entries(onPodSpec))('%s', (_title, { document, patch, result }) => {
    expect(applyStrategicMergePatch(document, patch, podSpec)).toEqual(result)
  })

  it.each(Object.entries(onMetadata))('%s', (_title, { document, patch, result }) => {
    expect(applyStrategicMergePatch(document, patch, metadata)).toEqual(result)
  })

  it.each<[string, Json, RegExp]>([
    [
      'an order of objects that contradicts itself',
      { '$setElementOrder/containers': named('a', 'b', 'c'), containers: named('c', 'a') },
      /doesn't match/,
    ],
    [
      'an item without its key',
      { containers: [{ image: 'i' }] },
      /does not contain declared merge key: name/,
    ],
    [
      'a deletion without its key',
      { containers: [{ $patch: 'delete' }] },
      /does not contain declared merge key: name/,
    ],
    [
      '$retainKeys that leaves out what is set',
      { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] },
      /retainKeys/,
    ],
  ])('refuses %s', (_what, patch, message) => {
    const document = { containers: named('a', 'b', 'c'), volumes: named('v') }
    expect(() => applyStrategicMergePatch(document, patch, podSpec)).toThrow(message)
  })

  it('refuses an order of values that contradicts itself', () => {
    const patch = { '$setElementOrder/finalizers': ['a', 'b', 'c'], finalizers: ['c', 'a'] }
    expect(() => applyStrategicMergePatch({ finalizers: ['a', 'c', 'b'] }, patch, metadata)).toThrow(
      /doesn't match/,
    )
  })
})
