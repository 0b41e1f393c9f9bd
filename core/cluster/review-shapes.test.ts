import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveControlPlane, type Answer, type ServedControlPlane } from './testing/serve-control-plane.ts'

let served: ServedControlPlane
beforeAll(async () => {
  served = await serveControlPlane()
})
afterAll(() => served[Symbol.asyncDispose]())

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** Asks whether one may list pods, and takes the answer in these forms. */
function review(accept: string): Promise<Answer> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
  }
  return served.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, accept)
}

describe('the answer of a review', () => {
  it('is no Table: a client that takes nothing else gets 406', async () => {
    const answer = await review(table)
    expect(answer.code).toBe(406)
    expect(answer.body).toMatchObject({ kind: 'Status', reason: 'NotAcceptable', code: 406 })
  })

  it('is the review itself where that is taken too', async () => {
    const answer = await review(`${table},application/json`)
    expect(answer.code).toBe(201)
    expect(answer.body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } })
  })
})
