import { expect, it } from 'vitest'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()

async function refusalOf(path: string, body: object): Promise<unknown> {
  const { code, json } = await api.call('POST', path, { body })
  expect(code).toBeGreaterThanOrEqual(400)
  return json['message']
}

it.each([
  [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    { spec: { group: 'g.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } },
    'APIService.apiregistration.k8s.io "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    '/apis/node.k8s.io/v1/runtimeclasses',
    {},
    'RuntimeClass.node.k8s.io "" is invalid: [metadata.name: Required value: name or generateName is required, handler: Required value]',
  ],
  [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    {
      metadata: { name: 'v1.g.io', generateName: 'v1' },
      spec: {
        group: 'g.io',
        version: 'v1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        service: { namespace: 'a', name: 'a' },
      },
    },
    'APIService.apiregistration.k8s.io "v1.g.io" is invalid: metadata.generateName: Invalid value: "v1": must be `spec.version+"."+spec.group`: "v1.g.io"',
  ],
])('what has no name is told that alone of its name: %s', async (path, body, message) => {
  expect(await refusalOf(path, body)).toBe(message)
})

it('events of events.k8s.io are refused as the core’s, which they are', async () => {
  expect(
    await refusalOf('/apis/events.k8s.io/v1/namespaces/default/events', { metadata: { name: 'e' } }),
  ).toMatch(/^Event "e" is invalid: /)
})
