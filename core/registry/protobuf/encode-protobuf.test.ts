import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apiVersionOf } from '../../api/gvk.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { openApiFacts } from '../schema/api-facts.ts'
import { createProtobufDecoder } from './decode-protobuf.ts'
import { createProtobufEncoder } from './encode-protobuf.ts'
import { createSamples } from './testing/sample-objects.ts'

const facts = openApiFacts()
const decode = createProtobufDecoder(facts)
const encoder = createProtobufEncoder(facts)
const samples = createSamples(facts)

/** As it comes out of JSON: without what is undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/**
 * Objects and the bytes that upstream writes for them, made with apimachinery's protobuf serializer; those of metrics put
 * together from the fields of their generated.proto.
 */
const fixtures: [object, string][] = [
  [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'cm',
        labels: { tier: 'front', app: 'wéb' },
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      data: { b: '2', a: '1' },
      binaryData: { bin: 'AQID', none: '' },
      immutable: false,
    },
    '6b3873000a0f0a0276311209436f6e6669674d617012600a360a02636d12001a0022002a003200380042080880f2d6ca0610005a0b0a03617070120477c3a9625a0d0a0474696572120566726f6e7412060a016112013112060a01621201321a0a0a0362696e12030102031a080a046e6f6e65120020001a002200',
  ],
  [
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', generation: -5 },
      spec: { leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.001234Z' },
    },
    '6b3873000a1f0a16636f6f7264696e6174696f6e2e6b38732e696f2f763112054c65617365122c0a1a0a016c12001a0022002a00320038fbffffffffffffffff014200120e1028220a0880f2d6ca0610d0a84b1a002200',
  ],
  [
    {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'r' },
      data: { a: [1, '<b>'] },
      revision: 9007199254740991,
    },
    '6b3873000a1d0a07617070732f76311212436f6e74726f6c6c65725265766973696f6e122f0a110a017212001a0022002a0032003800420012110a0f7b2261223a5b312c223c623e225d7d18ffffffffffffff0f1a002200',
  ],
  [
    {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'NodeMetrics',
      metadata: { name: 'n', creationTimestamp: '2026-01-01T00:00:00Z' },
      timestamp: '2026-01-01T00:00:00Z',
      window: '15.02s',
      usage: { memory: '1024Ki', cpu: '12345678n' },
    },
    '6b3873000a250a166d6574726963732e6b38732e696f2f76316265746131120b4e6f64654d65747269637312550a190a016e12001a0022002a003200380042080880f2d6ca06100012080880f2d6ca0610001a060880868cfa3722120a03637075120b0a0931323334353637386e22120a066d656d6f727912080a06313032344b691a002200',
  ],
  [
    {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: { name: 'p', namespace: 'd', creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' } },
      timestamp: '2026-01-01T00:00:00Z',
      window: '1m0s',
      containers: [{ name: 'c', usage: { cpu: '1n', memory: '2Ki' } }],
    },
    '6b3873000a240a166d6574726963732e6b38732e696f2f76316265746131120a506f644d657472696373125a0a220a017012001a016422002a003200380042080880f2d6ca0610005a060a016112016212080880f2d6ca0610001a070880b09dc2df0122210a0163120b0a0363707512040a02316e120f0a066d656d6f727912050a03324b691a002200',
  ],
  [
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: { user: 'ada', extra: { scopes: ['x', 'y'], none: [] } },
      status: { allowed: true },
    },
    '6b3873000a2e0a17617574686f72697a6174696f6e2e6b38732e696f2f763112135375626a65637441636365737352657669657712410a100a0012001a0022002a0032003800420012231a036164612a080a046e6f6e6512002a100a0673636f70657312060a01780a017932001a08080112001a0020001a002200',
  ],
  [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { capacity: { storage: '1Gi' }, hostPath: { path: '/data' }, volumeMode: 'Filesystem' },
    },
    '6b3873000a160a027631121050657273697374656e74566f6c756d65124b0a120a02707612001a0022002a00320038004200122d0a100a0773746f7261676512050a0331476912091a070a052f646174612a003200420a46696c6573797374656d1a060a0012001a001a002200',
  ],
  [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'np' },
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 'http' }, { port: 8080 }] }] },
    },
    '6b3873000a250a146e6574776f726b696e672e6b38732e696f2f7631120d4e6574776f726b506f6c69637912330a120a026e7012001a0022002a00320038004200121d0a0012190a0c120a080110001a04687474700a091207080010903f1a001a002200',
  ],
  [
    {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: 'nope',
      reason: 'NotFound',
      details: { name: 'x', causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }] },
      code: 404,
    },
    '6b3873000a0c0a027631120653746174757312570a060a0012001a0012074661696c7572651a046e6f706522084e6f74466f756e642a310a017812001a0022240a114669656c6456616c7565496e76616c696412001a0d6d657461646174612e6e616d65280032003094031a002200',
  ],
]

describe('createProtobufEncoder', () => {
  it.each(fixtures)('writes what upstream writes: %j', (object, hex) => {
    expect(encoder.object(object).toString('hex')).toBe(hex)
  })

  it('sorts maps, writes strings of any length and numbers of any size as they are', () => {
    const long = 'ä'.repeat(70_000)
    const data = { z: 'short', b: long, a: 'x'.repeat(24), ab: 'y'.repeat(25), ü: '😀' }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' }, data }
    const decoded = decode(encoder.object(configMap)).value as typeof configMap
    expect(decoded).toMatchObject(configMap)
    expect(Object.keys(decoded.data)).toEqual(['a', 'ab', 'b', 'z', 'ü'])
    for (const revision of [127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 53 - 1)]) {
      const object = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'r' }, revision }
      expect(decode(encoder.object(object)).value).toMatchObject({ revision })
    }
  })

  it('writes lists item by item, as it writes them whole', () => {
    const type = { apiVersion: 'v1', kind: 'ConfigMapList' }
    const metadata = { resourceVersion: '7', remainingItemCount: 0 }
    const items = ['a', 'b'].map((name) => ({ metadata: { name }, data: { name } }))
    const list = encoder.list(type, 'ConfigMap')
    const parts = items.map((item) => Buffer.from(list.item(item)))
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const bytes = Buffer.concat([list.head(metadata, length), ...parts, list.tail])
    expect(bytes).toEqual(encoder.object({ ...type, metadata, items } as object))
    expect(decode(bytes).value).toMatchObject({ ...type, metadata, items })
  })

  it('refuses what has no protobuf', () => {
    expect(() => encoder.object({ apiVersion: 'pets.example.com/v1', kind: 'Cat' })).toThrow(/Cat/)
    expect(() => encoder.object({})).toThrow(/no protobuf/)
  })

  const kinds = builtInKinds.filter(({ schema }) => typeof schema === 'string')

  it.each(kinds.map((kind) => [`${kind.kind}.${kind.group}/${kind.version}`, kind] as const))(
    'loses nothing of a %s',
    (_name, definition) => {
      const type = { apiVersion: apiVersionOf(definition), kind: definition.kind }
      fc.assert(
        fc.property(samples(definition.schema as string), (sample) => {
          const bytes = encoder.object({ ...type, ...sample })
          const decoded = decode(bytes).value
          expect(plain(decoded)).toMatchObject(plain({ ...type, ...sample }) as object)
          expect(encoder.object(decoded)).toEqual(bytes)
        }),
        { numRuns: 8 },
      )
    },
  )
})
