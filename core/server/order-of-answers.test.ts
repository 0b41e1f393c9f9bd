import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()

it('metadata come in the order of upstream’s struct, labels and annotations in that of their keys', async () => {
  const metadata = { labels: { b: '1', a: '2' }, name: 'order', annotations: { d: '1', c: '2' } }
  const fields =
    /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"order","namespace":"default","uid":"[^"]*","resourceVersion":"\d+","creationTimestamp":"[^"]*","labels":\{"a":"2","b":"1"\},"annotations":\{"c":"2","d":"1"\},"managedFields":\[/
  const dry = await api.call('POST', `${api.configMaps}?dryRun=All`, { body: { metadata } })
  expect(dry.raw.toString()).toMatch(
    /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"order","namespace":"default","uid":/,
  )
  await api.call('POST', api.configMaps, { body: { metadata } })
  expect((await api.call('GET', `${api.configMaps}/order`)).raw.toString()).toMatch(fields)
  const body = { metadata: { generateName: 'x', labels: { A: '0' } } }
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patched = await api.call('PATCH', `${api.configMaps}/order`, { body, headers })
  expect(patched.raw.toString()).toContain('{"name":"order","generateName":"x","namespace":"default",')
  expect(patched.raw.toString()).toContain('"labels":{"A":"0","a":"2","b":"1"}')
})

it.each([
  ['/api/v1/pods', '{"kind":"Pod","apiVersion":"v1",', ',"spec":{"containers":null},"status":{}}'],
  [
    '/api/v1/events',
    '{"kind":"Event","apiVersion":"v1",',
    ',"involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""}',
  ],
  ['/api/v1/services', '{"kind":"Service","apiVersion":"v1",', ',"spec":{},"status":{"loadBalancer":{}}}'],
  ['/api/v1/configmaps', '{"kind":"ConfigMap","apiVersion":"v1",', '}'],
])('bookmarks of %s are objects in which nothing is set', async (path, begin, end) => {
  const query =
    'watch=1&allowWatchBookmarks=1&sendInitialEvents=1&resourceVersionMatch=NotOlderThan&timeoutSeconds=1'
  const { raw } = await api.call('GET', `${path}?${query}&labelSelector=none`)
  const [, first = ''] = /"type":"BOOKMARK","object":(.*)\}\n/.exec(raw.toString()) ?? []
  expect(
    first.replace(
      /"metadata":\{"resourceVersion":"\d+","annotations":\{"k8s.io\/initial-events-end":"true"\}\}/,
      '',
    ),
  ).toBe(`${begin}${end.replace(/^,/, ',')}`)
})
