import { describe, expect, it } from 'vitest'
import { openApiFacts } from '../schema/api-facts.ts'
import { createNodeSource } from '../schema/build-nodes.ts'
import { createSchemaCompiler } from '../schema/kind-schema.ts'
import { Shapes } from './shapes.ts'

const { node } = createSchemaCompiler(createNodeSource(openApiFacts())).compile('io.k8s.api.core.v1.Pod')
const pod = (spec: object, metadata: object = {}): object => ({ metadata, spec })

describe('the shapes of a kind', () => {
  it.each([
    ['values', pod({ nodeName: 'a' }), pod({ nodeName: 'b' })],
    ['what is within one piece', pod({ tolerations: [] }), pod({ tolerations: [{ key: 'a' }] })],
    ['members without a value', pod({ nodeName: undefined }), pod({})],
  ])('do not tell apart %s', (_what, a, b) => {
    const shapes = new Shapes<string>(1000)
    shapes.placeOf('', a, node)!.content = 'known'
    expect(shapes.placeOf('', b, node)!.content).toBe('known')
  })

  it.each([
    ['names', pod({ nodeName: 'a' }), pod({ hostname: 'a' })],
    ['zeros', pod({ nodeName: '' }), pod({ nodeName: 'a' })],
    ['keys of items', pod({ containers: [{ name: 'a' }] }), pod({ containers: [{ name: 'b' }] })],
    [
      'where members belong',
      pod({}, { labels: { a: 'x' } }),
      pod({}, { labels: {}, annotations: { a: 'x' } }),
    ],
    ['names that look like the end', pod({}, { labels: { end: '1' } }), pod({}, { labels: {}, end: '1' })],
    ['what is there', pod({ nodeName: 'a' }), pod({})],
  ])('tell apart %s', (_what, a, b) => {
    const shapes = new Shapes<string>(1000)
    shapes.placeOf('', a, node)!.content = 'a'
    shapes.placeOf('', b, node)!.content ??= 'b'
    expect([a, b].map((object) => shapes.placeOf('', object, node)!.content)).toEqual(['a', 'b'])
    expect(shapes.placeOf('status', a, node)!.content).toBeUndefined()
  })

  it('are forgotten when there are too many', () => {
    const shapes = new Shapes<number>(100)
    const named = (at: number): object => pod({}, { labels: { [`label-${at}`]: 'x' } })
    for (let at = 0; at < 100; at++) shapes.placeOf('', named(at), node)!.content = at
    expect(shapes.placeOf('', named(99), node)!.content).toBe(99)
    expect(shapes.placeOf('', named(0), node)!.content).toBeUndefined()
  })

  it('are not kept of an object that would take a large part of what is kept', () => {
    const shapes = new Shapes<string>(1000)
    const large = pod(
      {},
      { labels: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`l${at}`, 'x'])) },
    )
    shapes.placeOf('', pod({}), node)!.content = 'small'
    for (let at = 0; at < 3; at++) expect(shapes.placeOf('', large, node)).toBeUndefined()
    expect(shapes.placeOf('', pod({}), node)!.content).toBe('small')
  })
})
