import { describe, expect, it } from 'vitest'
import { openApiFacts } from '../schema/api-facts.ts'
import { createProtobufDecoder } from './decode-protobuf.ts'

const decodeProtobuf = createProtobufDecoder(openApiFacts())

/** A tiny encoder: what a message is made of, written down field by field. */
type Field = [number: number, value: number | bigint | string | boolean | Buffer]

function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

function message(...fields: Field[]): Buffer {
  const parts = fields.map(([number, value]) => {
    if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') {
      return Buffer.from([
        ...varint(number * 8),
        ...varint(typeof value === 'boolean' ? Number(value) : value),
      ])
    }
    const bytes = Buffer.from(value)
    return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes])
  })
  return Buffer.concat(parts)
}

function body(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const unknown = message([1, message([1, apiVersion], [2, kind])], [2, raw], [3, ''], [4, ''])
  return Buffer.concat([Buffer.from('k8s\0'), unknown])
}

const entry = (key: string, value: string | Buffer): Buffer => message([1, key], [2, value])

describe('decodeProtobuf', () => {
  it('reads a ConfigMap as client-go sends it, leaving out empty strings', () => {
    const metadata = message(
      [1, 'cm'],
      [2, ''],
      [3, 'default'],
      [5, ''],
      [7, 0],
      [8, message()],
      [11, entry('app', 'web')],
      [11, entry('tier', 'front')],
    )
    const raw = message(
      [1, metadata],
      [2, entry('key', 'value')],
      [3, entry('bin', Buffer.from([1, 2, 3]))],
      [4, false],
    )
    expect(decodeProtobuf(body('v1', 'ConfigMap', raw)).value).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cm', namespace: 'default', labels: { app: 'web', tier: 'front' } },
      data: { key: 'value' },
      binaryData: { bin: 'AQID' },
      immutable: false,
    })
  })

  it('reads a message whose type has no fields', () => {
    const version = message([1, 'v1'], [2, true], [3, true], [5, message([1, message()])])
    const raw = message([2, message([7, version])])
    const { value } = decodeProtobuf(body('apiextensions.k8s.io/v1', 'CustomResourceDefinition', raw))
    const expected = expect.objectContaining({ subresources: { status: {} } })
    expect(value).toEqual(
      expect.objectContaining({ spec: expect.objectContaining({ versions: [expected] }) }),
    )
  })

  it('tells pointers from values, reads quantities, int-or-strings and embedded structs', () => {
    const resources = message([1, entry('cpu', message([1, '500m']))])
    const probe = message(
      [1, message([2, message([1, '/healthz'], [2, message([1, 0], [2, 8080], [3, ''])])])],
      [2, 0],
    )
    const container = message([1, 'main'], [2, 'nginx'], [8, resources], [10, probe])
    const volume = message([1, 'v'], [2, message([2, message([1, ''])])])
    const template = message([1, message()], [2, message([1, volume], [2, container], [4, 0n])])
    const rolling = message([1, message([1, 1n], [3, '25%'])])
    const spec = message(
      [1, 0],
      [3, template],
      [4, message([1, 'RollingUpdate'], [2, rolling])],
      [5, 0],
      [7, false],
    )
    const { value } = decodeProtobuf(
      body('apps/v1', 'Deployment', message([1, message([1, 'web'])], [2, spec])),
    )
    expect(value).toMatchObject({
      metadata: { name: 'web' },
      spec: {
        replicas: 0,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } },
        template: {
          spec: {
            terminationGracePeriodSeconds: 0,
            volumes: [{ name: 'v', emptyDir: {} }],
            containers: [
              {
                name: 'main',
                image: 'nginx',
                resources: { limits: { cpu: '500m' } },
                livenessProbe: { httpGet: { path: '/healthz', port: 8080 } },
              },
            ],
          },
        },
      },
      status: {},
    })
    expect(JSON.stringify(value)).not.toMatch(/paused|minReadySeconds|initialDelaySeconds|medium/)
  })

  it('reads times, negative numbers and raw JSON', () => {
    const revision = message(
      [1, message([1, 'r'], [8, message([1, 1767225600n])])],
      [2, message([1, '{"a":[1]}'])],
      [3, -5n],
    )
    expect(decodeProtobuf(body('apps/v1', 'ControllerRevision', revision)).value).toMatchObject({
      metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
      data: { a: [1] },
      revision: -5,
    })
    const lease = message([2, message([4, message([1, 1767225600n], [2, 1_234_000])])])
    expect(decodeProtobuf(body('coordination.k8s.io/v1', 'Lease', lease)).value).toMatchObject({
      spec: { renewTime: '2026-01-01T00:00:00.001234Z' },
    })
  })

  it('knows the bodies that are no objects of their own', () => {
    const options = message([1, 0n], [2, message([1, 'the-uid'])], [4, 'Foreground'], [5, 'All'])
    expect(decodeProtobuf(body('v1', 'DeleteOptions', options)).value).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'the-uid' },
      propagationPolicy: 'Foreground',
      dryRun: ['All'],
    })
    const review = message([2, message([3, 'ada'], [5, entry('scopes', message([1, 'x'], [1, 'y']))])])
    expect(
      decodeProtobuf(body('authorization.k8s.io/v1', 'SubjectAccessReview', review)).value,
    ).toMatchObject({
      spec: { user: 'ada', extra: { scopes: ['x', 'y'] } },
    })
    for (const [apiVersion, kind] of [
      ['v1', 'Binding'],
      ['policy/v1', 'Eviction'],
      ['autoscaling/v1', 'Scale'],
      ['authentication.k8s.io/v1', 'TokenRequest'],
      ['meta.k8s.io/v1', 'DeleteOptions'],
    ] as const) {
      expect(decodeProtobuf(body(apiVersion, kind, message())).value).toMatchObject({ apiVersion, kind })
    }
  })

  it('passes over fields it does not know', () => {
    const raw = message([1, message([1, 'cm'], [900, 'x'])], [901, 7])
    expect(decodeProtobuf(body('v1', 'ConfigMap', raw)).value).toMatchObject({ metadata: { name: 'cm' } })
  })

  it('refuses hostile or broken bytes with 400', () => {
    const good = body('v1', 'ConfigMap', message([1, message([1, 'cm'])], [2, entry('key', 'value')]))
    const refused = expect.objectContaining({ code: 400 }) as Error
    expect(() => decodeProtobuf(Buffer.from('{"kind":"Pod"}'))).toThrow(refused)
    expect(() => decodeProtobuf(good.subarray(0, 40))).toThrow(refused)
    expect(() => decodeProtobuf(body('v1', 'Nonsense', message()))).toThrow(
      /no kind "Nonsense" is registered/,
    )
    expect(() => decodeProtobuf(body('v1', '__proto__', message()))).toThrow(refused)
    // A length far beyond the end, and an endless varint.
    expect(() =>
      decodeProtobuf(body('v1', 'ConfigMap', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))),
    ).toThrow(refused)
    expect(() => decodeProtobuf(body('v1', 'ConfigMap', Buffer.alloc(12, 0xff)))).toThrow(refused)
    for (let i = 0; i < good.length; i++) {
      const broken = Buffer.from(good)
      broken[i] = broken[i]! ^ 0x5a
      try {
        decodeProtobuf(broken)
      } catch (error) {
        expect(error).toEqual(refused)
      }
    }
  })

  it('refuses nesting that no real object has', () => {
    let props = message([1, ''])
    for (let i = 0; i < 200; i++) props = message([25, props])
    const crd = message([2, message([7, message([1, 'v1'], [4, message([1, props])])])])
    expect(() => decodeProtobuf(body('apiextensions.k8s.io/v1', 'CustomResourceDefinition', crd))).toThrow(
      expect.objectContaining({ code: 400 }),
    )
  })
})
