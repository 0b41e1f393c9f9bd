import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type Reply, type TestServer } from './testing/test-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
const merge = { 'content-type': 'application/merge-patch+json' }
let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

/** A pod that runs and is not ready, and a budget for it with this status. */
async function make(name: string, status?: object): Promise<void> {
  const metadata = { name, labels: { app: name } }
  const spec = { containers: [{ name: 'main', image: 'nginx' }] }
  expect((await test.call('POST', pods, { body: { metadata, spec } })).code).toBe(201)
  await test.call('PATCH', `${pods}/${name}/status`, {
    body: { status: { phase: 'Running' } },
    headers: merge,
  })
  const selector = { matchLabels: { app: name } }
  const budget = { metadata: { name }, spec: { selector, minAvailable: 1 } }
  expect((await test.call('POST', budgets, { body: budget })).code).toBe(201)
  if (!status) return
  const body = { status: { expectedPods: 1, observedGeneration: 1, ...status } }
  expect((await test.call('PATCH', `${budgets}/${name}/status`, { body, headers: merge })).code).toBe(200)
}

function evict(name: string, deleteOptions?: object): Promise<Reply> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, deleteOptions }
  return test.call('POST', `${pods}/${name}/eviction`, { body })
}

it('lets nothing go whose budget is not seen yet', async () => {
  await make('unseen')
  const { code, json } = await evict('unseen')
  expect([code, json.details]).toEqual([
    429,
    {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget unseen is still being processed by the server.',
        },
      ],
      retryAfterSeconds: 10,
    },
  ])
})

it('lets a pod that is not ready go where enough others are healthy, and some have to be', async () => {
  await make('none-needed', { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0 })
  expect((await evict('none-needed')).code).toBe(429)
  await make('enough', { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })
  expect((await evict('enough')).code).toBe(201)
})

it('does not even mark a pod that is another than the eviction is for', async () => {
  await make('replaced', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })
  const { code, json } = await evict('replaced', { preconditions: { uid: 'another' } })
  expect(code).toBe(409)
  expect(json.message).toContain('the UID in the precondition (another) does not match the UID in record')
  const left = await test.call('GET', `${pods}/replaced`)
  expect(left.json.status.conditions ?? []).not.toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget' }),
  )
})
