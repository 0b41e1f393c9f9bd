import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const apps = '/apis/apps/v1/namespaces/default'
let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }
  const spec = { selector: { matchLabels: { a: 'b' } }, template }
  await test.call('POST', `${apps}/deployments`, { body: { metadata: { name: 'x' }, spec } })
  await test.call('POST', `${apps}/controllerrevisions`, {
    body: { metadata: { name: 'r' }, data: {}, revision: 1 },
  })
})
afterAll(() => test.close())

describe('a patched scale', () => {
  it.each([
    [{ name: 'y' }, 400, 'the name of the object (y) does not match the name on the URL (x)'],
    [
      { namespace: 'z' },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      { uid: 'z' },
      409,
      expect.stringContaining(
        'fulfilled on deployments/scale.apps "x": Precondition failed: UID in precondition: z, UID in object meta: ',
      ),
    ],
  ])('is that of its object: %j', async (metadata, code, message) => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const answer = await test.call('PATCH', `${apps}/deployments/x/scale`, { body: { metadata }, headers })
    expect([answer.code, answer.json['message']]).toEqual([code, message])
  })
})

it('the data of a revision may not be left out', async () => {
  const { code, json } = await test.call('PUT', `${apps}/controllerrevisions/r`, {
    body: { metadata: { name: 'r' }, revision: 1 },
  })
  expect([code, json['message']]).toEqual([
    422,
    'ControllerRevision.apps "r" is invalid: data: Invalid value: null: field is immutable',
  ])
})
