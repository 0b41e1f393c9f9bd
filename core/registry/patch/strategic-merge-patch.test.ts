import { describe, expect, it } from 'vitest'
import { openApiFacts } from '../schema/api-facts.ts'
import { createNodeSource } from '../schema/build-nodes.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const nodes = createNodeSource(openApiFacts())
const deployment = nodes.ofName('io.k8s.api.apps.v1.Deployment')
const podSpec = nodes.ofName('io.k8s.api.core.v1.PodSpec')
const service = nodes.ofName('io.k8s.api.core.v1.Service')

type Json = Record<string, unknown>

const containers = (...names: string[]): Json[] => names.map((name) => ({ name, image: `${name}:1` }))

const cases: { title: string; document: Json; patch: Json; result: Json }[] = [
  {
    title: 'changes one container by its name and keeps the others and their other fields',
    document: {
      containers: [
        { name: 'a', image: 'a:1', tty: true },
        { name: 'b', image: 'b:1' },
      ],
    },
    patch: { containers: [{ name: 'a', image: 'a:2' }] },
    result: {
      containers: [
        { name: 'a', image: 'a:2', tty: true },
        { name: 'b', image: 'b:1' },
      ],
    },
  },
  {
    title: 'adds what is not there yet, before what only the server knows',
    document: { containers: containers('a') },
    patch: { containers: [{ name: 'b', image: 'b:1' }] },
    result: { containers: containers('b', 'a') },
  },
  {
    title: 'removes an item with $patch: delete',
    document: { containers: containers('a', 'b') },
    patch: { containers: [{ $patch: 'delete', name: 'a' }] },
    result: { containers: containers('b') },
  },
  {
    title: 'removes by null what $retainKeys does not list',
    document: { securityContext: { runAsUser: 1, fsGroup: 2 } },
    patch: { securityContext: { $retainKeys: ['fsGroup'], runAsUser: null, fsGroup: 3 } },
    result: { securityContext: { fsGroup: 3 } },
  },
  {
    title: 'replaces a merged list with $patch: replace',
    document: { containers: containers('a', 'b') },
    patch: { containers: [{ name: 'c', image: 'c:1' }, { $patch: 'replace' }] },
    result: { containers: containers('c') },
  },
  {
    title: 'replaces an object with $patch: replace',
    document: { securityContext: { runAsUser: 1, fsGroup: 2 } },
    patch: { securityContext: { $patch: 'replace', runAsUser: 3 } },
    result: { securityContext: { runAsUser: 3 } },
  },
  {
    title: 'empties an object with $patch: delete',
    document: { securityContext: { runAsUser: 1 } },
    patch: { securityContext: { $patch: 'delete' } },
    result: { securityContext: {} },
  },
  {
    title: 'removes fields that are null, and stores no null',
    document: { nodeName: 'n', nodeSelector: { a: 'b', c: 'd' } },
    patch: { nodeName: null, hostname: null, nodeSelector: { a: null }, securityContext: { fsGroup: null } },
    result: { nodeSelector: { c: 'd' }, securityContext: {} },
  },
  {
    title: 'replaces lists that have no merge strategy',
    document: { containers: [{ name: 'a', command: ['x', 'y'] }] },
    patch: { containers: [{ name: 'a', command: ['z'] }] },
    result: { containers: [{ name: 'a', command: ['z'] }] },
  },
  {
    title: 'orders by $setElementOrder, server-only items staying before what they came before',
    document: { containers: containers('a', 'injected', 'b') },
    patch: {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [{ name: 'b', image: 'b:1' }],
    },
    result: { containers: containers('injected', 'b', 'a') },
  },
  {
    title: 'reorders without a change to the items',
    document: { containers: containers('a', 'b') },
    patch: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    result: { containers: containers('b', 'a') },
  },
  {
    title: 'deletes an item under $setElementOrder, as kubectl apply does',
    document: { containers: containers('a', 'b') },
    patch: {
      '$setElementOrder/containers': [{ name: 'b' }],
      containers: [{ $patch: 'delete', name: 'a' }],
    },
    result: { containers: containers('b') },
  },
  {
    title: 'puts new items first when the patch lists them and nothing says otherwise',
    document: { containers: containers('a', 'b') },
    patch: {
      containers: [
        { name: 'c', image: 'c:1' },
        { name: 'b', image: 'b:2' },
      ],
    },
    result: { containers: [...containers('c', 'a'), { name: 'b', image: 'b:2' }] },
  },
  {
    title: 'keeps only the keys that $retainKeys lists',
    document: { volumes: [{ name: 'v', emptyDir: {} }] },
    patch: { volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/x' } }] },
    result: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
  },
  {
    title: 'takes an untyped value of another shape as it is',
    document: { nodeName: 'n' },
    patch: { nodeName: { odd: true } },
    result: { nodeName: { odd: true } },
  },
]

describe('strategic merge patch', () => {
  it.each(cases)('$title', ({ document, patch, result }) => {
    const [documentBefore, patchBefore] = structuredClone([document, patch])
    expect(applyStrategicMergePatch(document, patch, podSpec)).toEqual(result)
    expect(document).toEqual(documentBefore)
    expect(patch).toEqual(patchBefore)
  })

  it('merges lists of names, and deletes from them', () => {
    const document = { metadata: { finalizers: ['a', 'b'] } }
    const add = { metadata: { finalizers: ['c', 'a'] } }
    expect(applyStrategicMergePatch(document, add, deployment)).toEqual({
      metadata: { finalizers: ['c', 'a', 'b'] },
    })
    const remove = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }
    expect(applyStrategicMergePatch(document, remove, deployment)).toEqual({
      metadata: { finalizers: ['b'] },
    })
    const both = {
      metadata: {
        '$deleteFromPrimitiveList/finalizers': ['a'],
        '$setElementOrder/finalizers': ['c', 'b'],
        finalizers: ['c'],
      },
    }
    expect(applyStrategicMergePatch(document, both, deployment)).toEqual({
      metadata: { finalizers: ['c', 'b'] },
    })
  })

  it('switches a strategy with $retainKeys, as kubectl does for Recreate', () => {
    const document = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
    expect(applyStrategicMergePatch(document, patch, deployment)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    })
  })

  it('merges Service ports by their number', () => {
    const document = { spec: { ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] } }
    const patch = { spec: { ports: [{ port: 80, nodePort: 30080 }, { port: 443 }] } }
    expect(applyStrategicMergePatch(document, patch, service)).toEqual({
      spec: { ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }, { port: 443 }] },
    })
  })

  it.each([
    [
      'an item without its merge key',
      { containers: [{ image: 'x' }] },
      /does not contain declared merge key: name/,
    ],
    ['an unknown directive', { securityContext: { $patch: 'explode' } }, /unknown patch type/],
    [
      'an order that disagrees with the list',
      { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a' }] },
      /doesn't match \$setElementOrder/,
    ],
    ['$retainKeys that forgets a key of the patch', { os: { $retainKeys: [], name: 'linux' } }, /retainKeys/],
  ])('refuses %s', (_title, patch, message) => {
    const document = { containers: containers('a'), securityContext: {}, os: { name: 'windows' } }
    expect(() => applyStrategicMergePatch(document, patch, podSpec)).toThrow(message)
  })

  it('does not touch prototypes', () => {
    const patch = JSON.parse(
      '{"__proto__":{"polluted":true},"nodeSelector":{"__proto__":{"polluted":true}}}',
    ) as Json
    const result = applyStrategicMergePatch({ nodeSelector: {} }, patch, podSpec) as { polluted?: unknown }
    expect(result.polluted).toBeUndefined()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
