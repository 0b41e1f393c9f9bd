import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const namespace = '/api/v1/namespaces/default'
let test: TestServer

async function answer(method: string, path: string, body?: object): Promise<[number, unknown]> {
  const { code, json } = await test.call(method, namespace + path, body && { body })
  return [code, json['message'] ?? json['status']]
}

beforeAll(async () => {
  test = await startTestServer()
  const containers = [
    { name: 'app', image: 'i' },
    { name: 'side', image: 'i' },
  ]
  const initContainers = [{ name: 'init', image: 'i' }]
  const add = (name: string, spec: object): Promise<unknown> =>
    answer('POST', '/pods', { metadata: { name }, spec: { containers, ...spec } })
  await add('waiting', { initContainers })
  await add('placed', { nodeName: 'gone' })
  await answer('POST', '/serviceaccounts', { metadata: { name: 'account' } })
})
afterAll(() => test.close())

describe('streams and logs', () => {
  const choose = 'a container name must be specified for pod waiting, choose one of: [init app side]'
  it.each([
    ['/pods/none/exec?dryRun=All', 400, 'dryRun is not supported'],
    [
      '/pods/none/portforward?ports=80,odd',
      400,
      'cannot convert to []int32: strconv.ParseUint: parsing "odd": invalid syntax',
    ],
    [
      '/pods/none/portforward?ports=65536',
      400,
      'cannot convert to []int32: strconv.ParseUint: parsing "65536": value out of range',
    ],
    ['/pods/none/exec', 404, 'pods "none" not found'],
    ['/pods/waiting/attach', 400, choose],
    ['/pods/waiting/exec?container=odd', 400, 'container odd is not valid for pod waiting'],
    ['/pods/waiting/exec?container=init', 400, 'pod waiting does not have a host assigned'],
    ['/pods/waiting/portforward', 400, 'pod waiting does not have a host assigned'],
    ['/pods/placed/exec?container=app', 404, 'pods "gone" not found'],
    ['/pods/none/log', 404, 'pods "none" not found'],
    ['/pods/waiting/log', 400, choose],
    ['/pods/waiting/log?tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    [
      '/pods/waiting/log?sinceTime=x',
      400,
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
    [
      '/pods/none/log?tailLines=-1',
      422,
      'PodLogOptions "none" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/pods/none/log?stream=Odd',
      422,
      'PodLogOptions "none" is invalid: stream: Forbidden: may not be specified',
    ],
    ['/pods/placed/log?container=app', 404, 'pods "gone" not found'],
    ['/pods/waiting/log?container=app', 204, undefined],
  ])('GET %s', async (path, code, message) => {
    expect(await answer('GET', path)).toEqual([code, message])
  })
})

describe('a binding', () => {
  const bind = (metadata: object, target?: object): Promise<[number, unknown]> =>
    answer('POST', '/pods/waiting/binding', { metadata, target })
  it('is for the pod of its path', async () => {
    const other = 'name in URL does not match name in Binding object'
    expect(await bind({ name: 'other' }, { name: 'n' })).toEqual([400, other])
    expect(await bind({}, { name: 'n' })).toEqual([400, other])
  })
  it('has a target, whether or not there is such a pod', async () => {
    const target = { kind: 'Pod' }
    const why =
      '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]'
    const { code, json } = await test.call('POST', `${namespace}/pods/none/binding`, {
      body: { metadata: { name: 'none' }, target },
    })
    expect([code, json['message'], json['reason']]).toEqual([500, why, undefined])
  })
  it('is for the very pod that it names', async () => {
    const { json } = await test.call('GET', `${namespace}/pods/waiting`)
    const [code, message] = await bind({ name: 'waiting', uid: 'x' }, { name: 'n' })
    expect([code, message]).toEqual([
      409,
      `Operation cannot be fulfilled on pods "waiting": StorageError: invalid object, Code: 4, Key: /registry/pods/default/waiting, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${json.metadata.uid}`,
    ])
    expect((await bind({ name: 'waiting', resourceVersion: '1' }, { name: 'n' }))[1]).toContain(
      'Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: ',
    )
  })
})

describe('an eviction', () => {
  const evict = (body: object, query = ''): Promise<[number, unknown]> =>
    answer('POST', `/pods/waiting/eviction${query}`, body)
  it('is for the pod of its path', async () => {
    expect(await evict({ metadata: {} })).toEqual([400, 'name in URL does not match name in Eviction object'])
  })
  it('is read as the type that it is', async () => {
    expect(await evict({ metadata: { name: 'waiting' }, deleteOptions: 'x' })).toEqual([
      400,
      'Eviction in version "v1" cannot be handled as a Eviction: json: cannot unmarshal string into Go struct field Eviction.deleteOptions of type v1.DeleteOptions',
    ])
  })
  it('leaves a pod as it is that is not the one that is meant', async () => {
    const deleteOptions = { preconditions: { uid: 'x' } }
    const [code, message] = await evict({ metadata: { name: 'waiting' }, deleteOptions })
    expect([code, message]).toEqual([
      409,
      expect.stringContaining('fulfilled on Pod "waiting": the UID in the precondition (x) does not match'),
    ])
    const { json } = await test.call('GET', `${namespace}/pods/waiting`)
    expect(json.status.conditions).toBeUndefined()
  })
})

describe('a token request', () => {
  const ask = (body: object, account = 'account'): Promise<[number, unknown]> =>
    answer('POST', `/serviceaccounts/${account}/token`, body)
  const refused = (why: string): string => `TokenRequest.authentication.k8s.io "account" is invalid: ${why}`
  it('is for the account of its path', async () => {
    expect(await ask({ metadata: { name: 'x' }, spec: {} })).toEqual([
      422,
      refused('metadata.name: Invalid value: "x": must match the service account name if specified'),
    ])
    expect(await ask({ metadata: { uid: 'x' }, spec: {} })).toEqual([
      409,
      expect.stringContaining(
        'the UID in the token request (x) does not match the UID of the service account (',
      ),
    ])
    expect(await ask({ spec: { expirationSeconds: 1 } }, 'none')).toEqual([
      404,
      'serviceaccounts "none" not found',
    ])
  })
  it('is read as the type that it is', async () => {
    expect((await ask({ spec: { audiences: 'x' } }))[1]).toBe(
      'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal string into Go struct field TokenRequestSpec.spec.audiences of type []string',
    )
  })
  it('is bound to what there is', async () => {
    const bound = (boundObjectRef: object): Promise<[number, unknown]> => ask({ spec: { boundObjectRef } })
    expect(await bound({ kind: 'ConfigMap', apiVersion: 'v1', name: 'c' })).toEqual([
      400,
      'cannot bind token to object of type /v1, Kind=ConfigMap',
    ])
    expect(await bound({ kind: 'Pod', apiVersion: 'v1', name: 'none' })).toEqual([
      404,
      'pods "none" not found',
    ])
  })
  it('is answered with the metadata of the account', async () => {
    const account = await test.call('GET', `${namespace}/serviceaccounts/account`)
    const { json } = await test.call('POST', `${namespace}/serviceaccounts/account/token`, {
      body: { spec: {} },
    })
    expect(json.metadata).toEqual({
      name: 'account',
      namespace: 'default',
      uid: account.json.metadata.uid,
      creationTimestamp: expect.any(String),
    })
  })
})
