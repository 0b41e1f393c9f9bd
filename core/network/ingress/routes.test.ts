import { describe, expect, it } from 'vitest'
import type { HTTPIngressPath, Ingress } from '../../api/generated/networking-v1.ts'
import { makeBackend, makeIngress, makePath } from './ingress-fixtures.ts'
import { createRouteTable } from './routes.ts'

const nginx = 'nginx.ingress.kubernetes.io/'

function ingress(host: string | undefined, paths: HTTPIngressPath[], annotations = {}): Ingress {
  return makeIngress('web', { rules: [{ ...(host && { host }), http: { paths } }] }, annotations)
}

/** The Service that gets a request and what it is asked for. */
function ask(table: Ingress[], host: string, url: string): string | undefined {
  const matched = createRouteTable(table).match(host, url)
  return matched && `${matched.backend.service?.name} ${matched.url}`
}
const served = (table: Ingress[], host: string, url: string): string | undefined =>
  ask(table, host, url)?.split(' ')[0]

describe('routes of Ingresses', () => {
  // The examples of the API's documentation: path type, path of the rule, path asked, whether it matches.
  it.each([
    ['Prefix', '/', '/any/path', true],
    ['Exact', '/foo', '/foo', true],
    ['Exact', '/foo', '/bar', false],
    ['Exact', '/foo', '/foo/', false],
    ['Exact', '/foo/', '/foo', false],
    ['Prefix', '/foo', '/foo/', true],
    ['Prefix', '/foo/', '/foo', true],
    ['Prefix', '/foo/', '/foo/', true],
    ['Prefix', '/aaa/bb', '/aaa/bbb', false],
    ['Prefix', '/aaa/bbb', '/aaa/bbb', true],
    ['Prefix', '/aaa/bbb/', '/aaa/bbb', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbb/', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbb/ccc', true],
    ['Prefix', '/aaa/bbb', '/aaa/bbbxyz', false],
    ['ImplementationSpecific', '/foo', '/foo/bar', true],
  ])('%s %s asked for %s: %s', (pathType, path, asked, matches) => {
    expect(served([ingress(undefined, [makePath(path, 'web', pathType)])], 'any', asked)).toBe(
      matches ? 'web' : undefined,
    )
  })

  it('takes the longest path, and of equal ones the exact', () => {
    const table = [
      ingress(undefined, [
        makePath('/', 'root'),
        makePath('/aaa', 'prefix'),
        makePath('/aaa', 'exact', 'Exact'),
        makePath('/aaa/bbb', 'long'),
      ]),
    ]
    expect(served(table, 'any', '/aaa/bbb/c')).toBe('long')
    expect(served(table, 'any', '/aaa')).toBe('exact')
    expect(served(table, 'any', '/aaa/c')).toBe('prefix')
    expect(served(table, 'any', '/b?q=/aaa')).toBe('root')
  })

  it('goes by the host, whatever its case and port, then by wildcards of one label, then without', () => {
    const table = [
      ingress(undefined, [makePath('/', 'any')]),
      ingress('*.example.com', [makePath('/', 'wildcard')]),
      ingress('api.example.com', [makePath('/', 'api')]),
    ]
    expect(served(table, 'API.example.com:8080', '/')).toBe('api')
    expect(served(table, 'web.example.com', '/')).toBe('wildcard')
    expect(served(table, 'a.b.example.com', '/')).toBe('any')
    expect(served(table, 'example.com', '/')).toBe('any')
  })

  it('leaves what nothing matches to a default backend', () => {
    const table = [
      ingress('api.example.com', [makePath('/v1', 'api')]),
      makeIngress('rest', { defaultBackend: makeBackend('rest') }),
    ]
    expect(served(table, 'api.example.com', '/v1/x')).toBe('api')
    expect(served(table, 'api.example.com', '/v2')).toBe('rest')
    expect(served([table[0]!], 'api.example.com', '/v2')).toBeUndefined()
  })

  it('rewrites the path as ingress-nginx does, and keeps the query', () => {
    const whole = ingress('a', [makePath('/', 'web')], { [`${nginx}rewrite-target`]: '/' })
    expect(ask([whole], 'a', '/some/where?x=1')).toBe('web /?x=1')
    const groups = ingress('a', [makePath('/api(/|$)(.*)', 'web', 'ImplementationSpecific')], {
      [`${nginx}rewrite-target`]: '/$2',
      [`${nginx}use-regex`]: 'true',
    })
    expect(ask([groups], 'a', '/api/v1/x')).toBe('web /v1/x')
    expect(ask([groups], 'a', '/api')).toBe('web /')
    expect(ask([groups], 'a', '/apis')).toBeUndefined()
  })

  it('leads to HTTPS where TLS is set up for the host, unless told not to', () => {
    const tls = [{ hosts: ['a'], secretName: 'a' }]
    const redirects = (annotations = {}, host = 'a'): boolean | undefined => {
      const one = ingress(undefined, [makePath('/', 'web')], annotations)
      one.spec.tls = tls
      return createRouteTable([one]).match(host, '/')?.redirects
    }
    expect(redirects()).toBe(true)
    expect(redirects({}, 'b')).toBe(false)
    expect(redirects({ [`${nginx}ssl-redirect`]: 'false' })).toBe(false)
    expect(redirects({ [`${nginx}force-ssl-redirect`]: 'true' }, 'b')).toBe(true)
  })
})
