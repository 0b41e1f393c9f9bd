import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()
const noNumber = 'strconv.ParseInt: parsing "": invalid syntax'

it.each([
  ['GET', '?limit='],
  ['GET', '?timeoutSeconds='],
  ['GET', '?watch=1&timeoutSeconds='],
  ['DELETE', '/none?gracePeriodSeconds='],
])('an empty number is none: %s %s', async (method, rest) => {
  const { code, json } = await api.call(method, `${api.configMaps}${rest}`)
  expect([code, json['message']]).toEqual([400, noNumber])
})

it('an empty propagation policy is none', async () => {
  expect((await api.call('DELETE', `${api.configMaps}/none?propagationPolicy=`)).code).toBe(422)
})

it('an empty watch is one', async () => {
  const { raw, headers } = await api.call('GET', `${api.configMaps}?watch=&timeoutSeconds=1`)
  expect([raw.toString(), headers['content-type']]).toEqual(['', 'application/json'])
})

it('who asks for a token owns what was asked for', async () => {
  const path = '/api/v1/namespaces/default/serviceaccounts'
  await api.call('POST', path, { body: { metadata: { name: 'owner' } } })
  const { json } = await api.call('POST', `${path}/owner/token?fieldManager=me`, {
    body: { spec: { expirationSeconds: 700 } },
  })
  expect((json['metadata'] as { managedFields: unknown[] }).managedFields).toEqual([
    {
      manager: 'me',
      operation: 'Update',
      apiVersion: 'authentication.k8s.io/v1',
      time: expect.any(String),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:expirationSeconds': {} } },
      subresource: 'token',
    },
  ])
})

it('nobody owns the condition that an eviction sets', async () => {
  const path = '/api/v1/namespaces/default/pods'
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] }
  await api.call('POST', path, { body: { metadata: { name: 'evicted' }, spec } })
  expect(
    (await api.call('POST', `${path}/evicted/eviction`, { body: { metadata: { name: 'evicted' } } })).code,
  ).toBe(201)
  const { json } = await api.call('GET', `${path}/evicted`)
  expect((json['status'] as { conditions: { type: string }[] }).conditions.map(({ type }) => type)).toContain(
    'DisruptionTarget',
  )
  expect(JSON.stringify(json['metadata'])).not.toContain('DisruptionTarget')
})
