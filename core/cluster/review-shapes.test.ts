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

  it('says who owns the question', async () => {
    const { body } = await review('application/json')
    expect(body).toMatchObject({
      metadata: {
        managedFields: [
          { operation: 'Update', fieldsV1: { 'f:spec': { 'f:resourceAttributes': { '.': {} } } } },
        ],
      },
    })
  })

  it('refuses selectors that say nothing, or too much, and names the group alone', async () => {
    const resourceAttributes = {
      fieldSelector: { rawSelector: 'a=b', requirements: [{ operator: 'In' }] },
      labelSelector: {
        requirements: [
          { key: 'a b', operator: 'Exists', values: ['c'] },
          { key: 'a', operator: 'Newer' },
        ],
      },
    }
    const spec = { user: 'ada', resourceAttributes }
    const answer = await served.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec })
    const { message, details } = answer.body as { message: string; details: { causes: { field: string }[] } }
    expect(message).toMatch(
      /^\.authorization\.k8s\.io "" is invalid: \[spec\.resourceAttributes\.fieldSelector\.rawSelector/,
    )
    const path = 'spec.resourceAttributes'
    expect(details.causes.map(({ field }) => field)).toEqual([
      `${path}.fieldSelector.rawSelector`,
      `${path}.fieldSelector.requirements[0].key`,
      `${path}.fieldSelector.requirements[0].values`,
      `${path}.labelSelector.requirements[0].values`,
      `${path}.labelSelector.requirements[0].key`,
    ])
  })
})
