import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()
const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const legacy = 'in scheme "pkg/api/legacyscheme/scheme.go:30"'

it.each([
  [
    pods,
    { kind: 'Other' },
    `Other in version "v1" cannot be handled as a Pod: no kind "Other" is registered for version "v1" ${legacy}`,
  ],
  [
    pods,
    { apiVersion: 'v1', kind: 'Secret' },
    'Secret in version "v1" cannot be handled as a Pod: converting (v1.Secret) to (core.Pod): unknown conversion',
  ],
  [
    pods,
    { apiVersion: 'v1', kind: 'DeleteOptions' },
    'DeleteOptions in version "v1" cannot be handled as a Pod: converting (v1.DeleteOptions) to (core.Pod): unknown conversion',
  ],
  [
    pods,
    { apiVersion: 'apps.example.com/v1', kind: 'Deployment' },
    `Deployment in version "v1" cannot be handled as a Pod: no kind "Deployment" is registered for version "apps.example.com/v1" ${legacy}`,
  ],
  [
    deployments,
    { apiVersion: 'v1', kind: 'Secret', data: { a: '1' } },
    'Secret in version "v1" cannot be handled as a Deployment: illegal base64 data at input byte 0',
  ],
  [
    deployments,
    { apiVersion: 'apps/v1beta1', kind: 'Deployment' },
    'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
  ],
  [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    { apiVersion: 'v1', kind: 'Secret' },
    'Secret in version "v1" cannot be handled as a APIService: no kind "Secret" is registered for version "v1" in scheme "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28"',
  ],
  [
    '/apis/events.k8s.io/v1/namespaces/default/events',
    { apiVersion: 'v1', kind: 'Event' },
    'the API version in the data (v1) does not match the expected API version (events.k8s.io/v1)',
  ],
])('what a body claims to be is told: %s %j', async (path, body, message) => {
  const answer = await api.call('POST', path, { body })
  expect([answer.code, answer.json['message']]).toEqual([400, message])
})

const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

async function patch(type: keyof typeof types, body: object): Promise<[number, unknown]> {
  const name = await api.createConfigMap()
  const { code, json } = await api.call('PATCH', `${api.configMaps}/${name}`, {
    body,
    headers: { 'content-type': types[type] },
  })
  return [code, code === 200 ? json['kind'] : json['message']]
}

it.each([
  ['merge', { kind: 'Other' }, `no kind "Other" is registered for version "v1" ${legacy}`],
  [
    'json',
    [{ op: 'replace', path: '/kind', value: 'Pod' }],
    'converting (v1.Pod) to (core.ConfigMap): unknown conversion',
  ],
  ['merge', { apiVersion: 'apps/v1' }, `no kind "ConfigMap" is registered for version "apps/v1" ${legacy}`],
] as const)('a patch cannot make another kind of an object: %s %j', async (type, body, why) => {
  expect(await patch(type, body)).toEqual([
    422,
    expect.stringMatching(/^ "" is invalid: patch: Invalid value: /),
  ])
  expect((await patch(type, body))[1]).toContain(`": ${why}`)
})

it('a patch may take the kind away, but not the apiVersion, without which no field is known', async () => {
  expect(await patch('merge', { kind: null })).toEqual([200, 'ConfigMap'])
  expect(await patch('json', [{ op: 'remove', path: '/apiVersion' }])).toEqual([
    400,
    expect.stringMatching(
      /^the name of the object \(.* based on URL\) was undeterminable: name must be provided$/,
    ),
  ])
})

it('a strategic patch of kind and apiVersion has no effect', async () => {
  expect(await patch('strategic', { kind: 'Other', apiVersion: 'a/b/c' })).toEqual([200, 'ConfigMap'])
  expect(await patch('strategic', null as unknown as object)).toEqual([200, 'ConfigMap'])
})

it.each([
  [{ kind: 1 }, 'map[kind:1]', 'cannot convert int64 to string'],
  [{ data: { a: 1 } }, 'map[data:map[a:1]]', 'cannot convert int64 to string'],
  [{ data: [] }, 'map[data:[]]', 'cannot restore map from slice'],
  [
    { metadata: { labels: { a: [1], b: 'x' } } },
    'map[metadata:map[labels:map[a:[1] b:x]]]',
    'unrecognized type: string',
  ],
  [
    { binaryData: { a: '%' } },
    'map[binaryData:map[a:%]]',
    'error decoding from json: illegal base64 data at input byte 0',
  ],
  [
    { metadata: { creationTimestamp: 1 } },
    'map[metadata:map[creationTimestamp:1]]',
    'json: cannot unmarshal number into Go value of type string',
  ],
  [{ immutable: 1.5 }, 'map[immutable:1.5]', 'unrecognized type: bool'],
])('a strategic patch is refused in the words of a conversion: %j', async (body, shown, why) => {
  expect(await patch('strategic', body)).toEqual([
    422,
    ` "" is invalid: patch: Invalid value: "${shown}": ${why}`,
  ])
})
