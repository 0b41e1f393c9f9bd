import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { refusal } from './testing/refusal.ts'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: ['system:apiserver']
  - level: RequestResponse
`

describe('the audit log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'audit-'))
  const logPath = join(directory, 'audit.log')
  let served: ServedControlPlane
  beforeAll(async () => {
    const policyFile = join(directory, 'policy.yaml')
    writeFileSync(policyFile, policy)
    served = await serveControlPlane({ audit: { policyFile, logPath, maxSizeMegabytes: 10, maxBackups: 1 } })
  })
  afterAll(async () => {
    await served[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  /** The event of a user about an object, once it is written. */
  function eventOf(username: string, verb: string, name: string): Promise<Json> {
    return waitFor(() =>
      readFileSync(logPath, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Json)
        .find((event) => {
          return event.user.username === username && event.verb === verb && event.objectRef?.name === name
        }),
    )
  }

  it('has what controllers of the process write, as if they came over HTTP', async () => {
    const user = 'system:kube-controller-manager'
    const client = served.plane.clientFor(user)
    const map = { metadata: { name: 'by-controller', namespace: 'default' }, data: { a: '1' } }
    const { metadata } = await client.create(resources.configMaps, map)
    expect(await eventOf(user, 'create', 'by-controller')).toMatchObject({
      level: 'RequestResponse',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/default/configmaps',
      userAgent: 'kube-controller-manager',
      sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'by-controller', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      requestObject: { data: { a: '1' } },
      responseObject: { metadata: { uid: metadata.uid } },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    })
    const ref = { namespace: 'default', name: 'by-controller' }
    await client.patch(resources.configMaps, ref, { type: 'merge', body: { data: { b: '2' } } })
    expect(await eventOf(user, 'patch', 'by-controller')).toMatchObject({
      requestObject: { data: { b: '2' } },
      responseObject: { data: { a: '1', b: '2' } },
    })
    expect(await refusal(client.get(resources.configMaps, { ...ref, name: 'none' }))).toMatch(/^404/)
    expect(await eventOf(user, 'get', 'none')).toMatchObject({
      responseStatus: { code: 404, reason: 'NotFound' },
    })
  })

  it('has what kubelets of the process are refused', async () => {
    const client = served.plane.nodeClientFor('one')
    const secret = { namespace: 'default', name: 'nobodys' }
    expect(await refusal(client.get(resources.secrets, secret))).toMatch(/^403/)
    const event = await eventOf('system:node:one', 'get', 'nobodys')
    expect(event).toMatchObject({
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
      userAgent: 'kubelet',
    })
    expect(event.annotations['authorization.k8s.io/reason']).toContain('no relationship found')
  })
})
