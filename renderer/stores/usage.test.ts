import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { answerFetch } from '../testing/mount.ts'
import { readUsage } from '../kit/usage-row.ts'
import { useUsageStore } from './usage.ts'

const root = '/apis/metrics.k8s.io/v1beta1'
const pod = (namespace: string, name: string, cpu: string): object => ({
  metadata: { namespace, name },
  containers: [
    { name: 'app', usage: { cpu, memory: '1Mi' } },
    { name: 'side', usage: { cpu: '1m', memory: '1Mi' } },
  ],
})
const pods = { items: [pod('shop', 'web', '2500000n'), pod('shop', 'cart', '10m'), pod('shops', 'x', '1')] }
const nodes = { items: [{ metadata: { name: 'n' }, usage: { cpu: '1', memory: '1Gi' } }] }

function failing(code: number): Response {
  return Response.json({ kind: 'Status', code, message: 'no' }, { status: code })
}

beforeEach(() => setActivePinia(createPinia()))

describe('the usage of a cluster', () => {
  it('is read by pod, container, node and namespace', async () => {
    const store = useUsageStore()
    answerFetch({ [`${root}/pods`]: pods, [`${root}/nodes`]: nodes })
    await store.refresh('local')
    const usage = store.of('local')
    expect(readUsage(usage, { kind: 'pod', key: 'shop/web' })).toMatchObject({ milliCpu: 4, memory: 2 ** 21 })
    expect(usage.pods.latest.get('shop/web')?.containers.get('side')?.milliCpu).toBe(1)
    expect(readUsage(usage, { kind: 'namespace', key: 'shop' })?.milliCpu).toBe(15)
    expect(readUsage(usage, { kind: 'node', key: 'n' })).toEqual({ milliCpu: 1000, memory: 2 ** 30 })
    expect(usage.pods.history.series(['shop/web']).milliCpu).toEqual([4])
  })

  it.each([
    ['forbidden', failing(403)],
    ['missing', failing(404)],
    ['missing', failing(503)],
    ['error', failing(500)],
    ['waiting', { items: [] }],
  ])('is %s when the server says so', async (state, answer) => {
    const store = useUsageStore()
    answerFetch({ [`${root}/pods`]: answer, [`${root}/nodes`]: nodes })
    await store.refresh('local')
    expect(store.of('local').pods.state).toBe(state)
    expect(store.of('local').nodes.state).toBe('ready')
  })

  it('keeps the last values over a single failure', async () => {
    const store = useUsageStore()
    answerFetch({ [`${root}/pods`]: pods, [`${root}/nodes`]: nodes })
    await store.refresh('local')
    answerFetch({ [`${root}/pods`]: failing(500), [`${root}/nodes`]: failing(500) })
    await store.refresh('local')
    expect(store.of('local').pods.state).toBe('ready')
    expect(store.of('local').pods.error?.code).toBe(500)
    expect(store.of('local').pods.latest.size).toBe(3)
  })
})
