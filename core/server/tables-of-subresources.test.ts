import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()
const headers = {
  accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  'content-type': 'application/merge-patch+json',
}
const onlyWhole =
  'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'

it.each([
  ['GET', '/api/v1/namespaces/default/pods/x/resize'],
  ['PATCH', '/api/v1/namespaces/default/pods/x/ephemeralcontainers'],
  ['POST', '/api/v1/namespaces/default/pods/x/binding'],
  ['POST', '/api/v1/namespaces/default/pods/x/eviction'],
  ['POST', '/api/v1/namespaces/default/serviceaccounts/x/token'],
  ['GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.apps/status'],
  ['PATCH', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x/status'],
  ['GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval'],
  ['GET', '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims/x/status'],
])('%s of %s has no Table, which is said before anything is done', async (method, path) => {
  const { code, json } = await api.call(method, path, { headers, ...(method !== 'GET' && { body: {} }) })
  expect([code, json['message']]).toEqual([406, onlyWhole])
})

it.each(['pods/x/status', 'replicationcontrollers/x/scale', 'pods/x'])('%s has one', async (path) => {
  expect((await api.call('GET', `/api/v1/namespaces/default/${path}`, { headers })).code).toBe(404)
})

it('creates nothing for who accepts no answer', async () => {
  const accept = 'application/json;as=Foo;v=v1;g=meta.k8s.io'
  const body = { metadata: { name: 'unanswered' } }
  expect((await api.call('POST', api.configMaps, { body, headers: { accept } })).code).toBe(406)
  expect((await api.call('GET', `${api.configMaps}/unanswered`)).code).toBe(404)
})
