import { describe, expect, it } from 'vitest'
import { decodeContinue, encodeContinue } from './continue-token.ts'

const prefix = '/apps/deployments/'
const tokenOf = (body: unknown): string => Buffer.from(JSON.stringify(body)).toString('base64url')
const version = 'meta.k8s.io/v1'

describe('a continue token', () => {
  it('leads to where it came from', () => {
    const place = { revision: 5, after: `${prefix}default/a` }
    expect(decodeContinue(prefix, encodeContinue(prefix, place))).toEqual(place)
  })

  it.each([
    ['a!', 'illegal base64 data at input byte 1'],
    ['abcde', 'illegal base64 data at input byte 4'],
    ['abc', "invalid character 'i' looking for beginning of value"],
    [tokenOf(5), 'json: cannot unmarshal number into Go value of type storage.continueToken'],
    [
      tokenOf({ v: version, rv: 'x' }),
      'json: cannot unmarshal string into Go struct field continueToken.rv of type int64',
    ],
    [tokenOf({ v: 'x' }), 'server does not recognize this encoded version x'],
    [tokenOf({ v: version, start: 'a' }), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
    [tokenOf({ v: version, rv: 1 }), 'encoded start key empty (version meta.k8s.io/v1)'],
    [tokenOf({ v: version, rv: 1, start: '../secrets' }), '../secrets'],
  ])('%s is refused', (token, why) => {
    expect(() => decodeContinue(prefix, token)).toThrow(
      `invalid continue token: continue key is not valid: ${why}`,
    )
  })
})
