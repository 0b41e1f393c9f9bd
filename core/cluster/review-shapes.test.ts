import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveControlPlane, type ServedControlPlane } from './testing/serve-control-plane.ts'

let served: ServedControlPlane
beforeAll(async () => {
  served = await serveControlPlane()
})
afterAll(() => served[Symbol.asyncDispose]())

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** Asks whether one may list pods, and takes the answer in these forms. */
async function review(accept: string): Promise<{ code: number; body: unknown }> {
  const { certificate, key } = await served.plane.pki.issueClient({
    commonName: 'anna',
    organizations: ['system:masters'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; body: unknown }>()
  request(
    {
      host: '127.0.0.1',
      port: served.port,
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      headers: { accept, 'content-type': 'application/json' },
      ca: served.plane.pki.ca.certificate,
      cert: certificate,
      key,
    },
    (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body: JSON.parse(text) as unknown }))
    },
  )
    .on('error', reject)
    .end(
      JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
      }),
    )
  return promise
}

describe('the answer of a review', () => {
  it('is no Table: a client that takes nothing else gets 406', async () => {
    const { code, body } = await review(table)
    expect(code).toBe(406)
    expect(body).toMatchObject({ kind: 'Status', reason: 'NotAcceptable', code: 406 })
  })

  it('is the review itself where that is taken too', async () => {
    const { code, body } = await review(`${table},application/json`)
    expect(code).toBe(201)
    expect(body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } })
  })
})
