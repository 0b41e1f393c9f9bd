import { describe, expect, it } from 'vitest'
import { parseRequestInfo, type RequestInfo } from './request-info.ts'

function parse(method: string, url: string): RequestInfo {
  const [path = '', query = ''] = url.split('?')
  return parseRequestInfo(method, path, new URLSearchParams(query))
}

// Rows follow upstream's table in requestinfo_test.go: method, url, verb, namespace, resource, subresource, name.
const rows: Array<[string, string, string, string, string, string, string]> = [
  ['GET', '/api/v1/namespaces', 'list', '', 'namespaces', '', ''],
  ['GET', '/api/v1/namespaces/other', 'get', 'other', 'namespaces', '', 'other'],
  ['PUT', '/api/v1/namespaces/other/finalize', 'update', 'other', 'namespaces', 'finalize', 'other'],
  ['GET', '/api/v1/namespaces/other/pods', 'list', 'other', 'pods', '', ''],
  ['GET', '/api/v1/namespaces/other/pods/foo', 'get', 'other', 'pods', '', 'foo'],
  ['GET', '/api/v1/namespaces/other/pods/foo/log', 'get', 'other', 'pods', 'log', 'foo'],
  ['HEAD', '/api/v1/namespaces/other/pods/foo', 'get', 'other', 'pods', '', 'foo'],
  ['GET', '/api/v1/pods', 'list', '', 'pods', '', ''],
  ['GET', '/api/v1/namespaces/other/pods?watch=true', 'watch', 'other', 'pods', '', ''],
  ['GET', '/api/v1/namespaces/other/pods?watch=false', 'list', 'other', 'pods', '', ''],
  ['GET', '/api/v1/watch/namespaces/other/pods', 'watch', 'other', 'pods', '', ''],
  ['GET', '/api/v1/watch/pods', 'watch', '', 'pods', '', ''],
  [
    'GET',
    '/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo',
    'list',
    'other',
    'pods',
    '',
    'foo',
  ],
  ['GET', '/api/v1/pods?fieldSelector=a%3D%5C%2Cmetadata.name%3Db', 'list', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3D%3Da%5C%2Cb', 'list', '', 'pods', '', 'a,b'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Da%2Fb', 'list', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3D..', 'list', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Da,b', 'list', '', 'pods', '', ''],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Da', 'list', '', 'pods', '', ''],
  ['DELETE', '/api/v1/namespaces/other/pods', 'deletecollection', 'other', 'pods', '', ''],
  ['DELETE', '/api/v1/namespaces/other', 'delete', 'other', 'namespaces', '', 'other'],
  ['PATCH', '/apis/apps/v1/namespaces/x/deployments/d', 'patch', 'x', 'deployments', '', 'd'],
  ['PUT', '/apis/apps/v1/namespaces/x/deployments/d/scale', 'update', 'x', 'deployments', 'scale', 'd'],
]

describe('parseRequestInfo', () => {
  it.each(rows)('%s %s', (...row) => {
    const [method, url, ...wanted] = row
    const info = parse(method, url)
    expect(info.isResourceRequest).toBe(true)
    expect([info.verb, info.namespace, info.resource, info.subresource, info.name]).toEqual(wanted)
  })

  it.each(['/', '/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3/apis/apps/v1'])(
    'takes %s for a non-resource request',
    (path) => {
      const info = parse('GET', path)
      expect(info).toMatchObject({ isResourceRequest: false, verb: 'get', path })
    },
  )

  it('keeps a slash at the end of what is no resource', () => {
    const paths = ['/', '/metrics/', '/api/', '/apis/apps/v1/', '/livez/ping//', '/api/v1/pods/']
    const wanted = ['/', '/metrics/', '/api/', '/apis/apps/v1/', '/livez/ping/', '/api/v1/pods']
    expect(paths.map((path) => parse('GET', path).path)).toEqual(wanted)
  })

  it.each([
    '/api/v1/namespaces/%2e%2e/pods',
    '/api/v1/namespaces/a%2fb/pods',
    '/api/v1/%zz/pods',
    '/api/v1/watch',
  ])('refuses %s with 400', (path) => {
    expect(() => parse('GET', path)).toThrow(expect.objectContaining({ code: 400 }))
  })
})
