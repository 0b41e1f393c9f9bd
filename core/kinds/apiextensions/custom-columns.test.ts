import { describe, expect, it } from 'vitest'
import { hasFormat } from '../../registry/schema/structural/formats.ts'
import { customColumns } from './custom-columns.ts'

// What kube-apiserver 1.36.2 showed and took.
describe('a column of a custom resource', () => {
  it.each([
    ['string', null, '<no value>'],
    ['string', { b: 1, a: '<' }, '{"a":"\\u003c","b":1}'],
    ['string', 0.000001, '1e-06'],
    ['date', null, null],
    ['date', '', '<unknown>'],
    ['date', '2020-01-01', '<invalid>'],
    ['integer', 1.5, 1],
  ])('of type %s shows %j', (type, value, shown) => {
    const columns = customColumns([{ name: 'X', type, jsonPath: '.spec.x' }])
    expect(columns[1]!.value({ spec: { x: value } } as never, 0)).toBe(shown)
  })
})

describe('the format of a text', () => {
  it.each([
    ['hostname', 'a.bc', true],
    ['hostname', 'a.b', false],
    ['hostname', 'a.bc.', false],
    ['hostname', '1.2.3.4', false],
    ['email', 'A <a@b.c>', true],
    ['email', 'a', false],
    ['ipv4', '01.2.3.4', true],
    ['ipv4', '::1', false],
    ['ipv6', 'fe80::1%eth0', false],
    ['cidr', '01.2.3.0/24', true],
    ['uuid4', '507f1f77-bcf8-4cd7-0943-901100000000', false],
  ])('%s: %s', (format, text, isRight) => {
    expect(hasFormat(format, text)).toBe(isRight)
  })
})
