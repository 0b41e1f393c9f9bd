import { describe, expect, it } from 'vitest'
import type { SchemaNode } from '../schema/node.ts'
import { applyPatch } from './apply-patch.ts'
import type { DocumentPatch } from './apply-patch.ts'

const anything: SchemaNode = { kind: 'any' }
const apply = (document: unknown, patch: DocumentPatch): unknown => applyPatch(document, patch, anything)

describe('JSON merge patch', () => {
  // The examples of RFC 7396, appendix A, that are objects.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j gives %j', (document, patch, result) => {
    expect(apply(document, { type: 'merge', patch })).toEqual(result)
  })

  it('refuses a patch that is no object', () => {
    expect(() => apply({}, { type: 'merge', patch: [1] })).toThrow('must be an object')
  })
})

describe('JSON patch', () => {
  it('applies operations in order and leaves the document alone', () => {
    const document = { list: ['a'], map: { 'x/y': 1 } }
    const operations = [
      { op: 'test', path: '/list/0', value: 'a' },
      { op: 'add', path: '/list/-', value: 'b' },
      { op: 'remove', path: '/map/x~1y' },
      { op: 'copy', from: '/list', path: '/copy' },
    ]
    expect(apply(document, { type: 'json', operations })).toEqual({
      list: ['a', 'b'],
      map: {},
      copy: ['a', 'b'],
    })
    expect(document).toEqual({ list: ['a'], map: { 'x/y': 1 } })
  })

  it.each([
    ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
    ['a path that is not there', [{ op: 'remove', path: '/missing' }]],
    ['a way into the prototype', [{ op: 'add', path: '/__proto__/polluted', value: true }]],
  ])('answers 422 for %s', (_title, operations) => {
    expect(() => apply({ a: 1 }, { type: 'json', operations })).toThrow(
      expect.objectContaining({ code: 422, reason: 'Invalid' }),
    )
  })

  it('answers 413 for too many operations and 400 for something else than a list', () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }))
    expect(() => apply({ a: 1 }, { type: 'json', operations })).toThrow(
      expect.objectContaining({ code: 413 }),
    )
    expect(() => apply({}, { type: 'json', operations: {} })).toThrow(expect.objectContaining({ code: 400 }))
  })

  it.each([
    [{ path: '/a', op: 'explode' }, 'invalid operation {"op":"explode","path":"/a"}: unsupported operation'],
    [
      { op: 'add', value: 1 },
      `invalid operation {"op":"add","value":1}: failed to decode 'path': operation missing path field: missing value`,
    ],
    [
      { op: 'add', path: '/a' },
      `invalid operation {"op":"add","path":"/a"}: failed to decode 'value': operation, missing value field: missing value`,
    ],
    [
      { op: 'move', path: '/a' },
      `invalid operation {"op":"move","path":"/a"}: failed to decode 'from': operation, missing from field: missing value`,
    ],
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'],
  ])('answers 400 for the operation %j', (operation, message) => {
    expect(() => apply({ a: 1 }, { type: 'json', operations: [operation] })).toThrow(
      expect.objectContaining({ code: 400, message }),
    )
  })
})
