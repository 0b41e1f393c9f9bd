import { describe, expect, it } from 'vitest'
import type { SchemaNode } from '../schema/node.ts'
import { applyPatch } from './apply-patch.ts'
import type { DocumentPatch } from './apply-patch.ts'
import { applyJsonPatch } from './json-patch.ts'
import { PatchError } from './patch-error.ts'

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

  // What upstream's library does beyond RFC 6902, and what clients in Go send that leave an empty value out.
  it.each([
    [{ a: { b: 1 } }, { op: 'replace', path: '/a' }, { a: null }],
    [{ a: 1 }, { op: 'add', path: '/b' }, { a: 1, b: null }],
    [{ a: 1 }, { op: 'replace', path: '/b', value: 2 }, { a: 1, b: 2 }],
    [{ a: [1, 2] }, { op: 'replace', path: '/a/-1', value: 3 }, { a: [1, 3] }],
    [{ a: [1, 2] }, { op: 'add', path: '/a/-1', value: 3 }, { a: [1, 2, 3] }],
    [{ a: [1, 2] }, { op: 'remove', path: '/a/-2' }, { a: [2] }],
    [{ a: 1 }, { op: 'test', path: '/b', value: null }, { a: 1 }],
    [{ a: null }, { op: 'test', path: '/a' }, { a: null }],
    [{ a: 1 }, { op: 'copy', from: '/b', path: '/c' }, { a: 1, c: null }],
    [{ a: 1 }, { op: 'replace', path: '', value: { b: 2 } }, { b: 2 }],
    [
      { a: [{ b: 1 }], c: {} },
      { op: 'move', from: '/a/0', path: '/c/d' },
      { a: [], c: { d: { b: 1 } } },
    ],
    [{}, { op: 'add', path: '/__proto__', value: { b: 1 } }, JSON.parse('{"__proto__":{"b":1}}')],
  ])('turns %j by %j into %j', (document, operation, result) => {
    expect(apply(document, { type: 'json', operations: [operation] })).toStrictEqual(result)
  })

  it.each([
    [{ path: '/a', op: 'explode' }, 'Unexpected kind: explode'],
    [{ path: '/a' }, 'Unexpected kind: unknown'],
    [{ op: 'add', value: 1 }, 'add operation failed to decode path: missing value'],
    [{ op: 'test' }, 'test operation failed to decode path: operation missing path field: missing value'],
    [
      { op: 'move', path: '/a' },
      'move operation failed to decode from: operation, missing from field: missing value',
    ],
    [
      { op: 'add', path: '/x/y', value: 1 },
      'add operation does not apply: doc is missing path: "/x/y": missing value',
    ],
    [
      { op: 'add', path: '/l/x', value: 1 },
      `error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: 'add', path: '/l/2', value: 1 },
      `error in add for path: '/l/2': Unable to access invalid index: 2: invalid index referenced`,
    ],
    [
      { op: 'replace', path: '/l/1', value: 1 },
      'replace operation does not apply: doc is missing key: /l/1: missing value',
    ],
    [
      { op: 'remove', path: '/x' },
      `error in remove for path: '/x': Unable to remove nonexistent key: x: missing value`,
    ],
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [
      { op: 'copy', from: '/x/y', path: '/z' },
      'copy operation does not apply: doc is missing from path: /x/y: missing value',
    ],
  ])('cannot do %j: %s', (operation, message) => {
    expect(() => applyJsonPatch({ a: 1, l: ['b'] }, [operation])).toThrow(new PatchError(message))
  })

  it('does not copy without end', () => {
    const operations = [
      { op: 'add', path: '/a/0', value: 'x'.repeat(2 * 1024 * 1024) },
      { op: 'copy', from: '/a/0', path: '/a/-' },
      { op: 'copy', from: '/a/0', path: '/a/-' },
    ]
    expect(() => applyJsonPatch({ a: [] }, operations)).toThrow('exceeding the limit 3145728')
  })

  it.each([
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'],
    [
      { op: 5 },
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    ],
  ])('answers 400 for the operation %j', (operation, message) => {
    expect(() => apply({ a: 1 }, { type: 'json', operations: [operation] })).toThrow(
      expect.objectContaining({ code: 400, message }),
    )
  })
})
