import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resources } from '../api/resources.ts'
import { createTestControlPlane, type TestControlPlane } from '../cluster/testing/test-control-plane.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createClient, type Client } from './client.ts'
import { createInformedReader } from './informed-reader.ts'
import { createInformerFactory, type InformerFactory } from './informer-factory.ts'

const { namespaces, limitRanges, configMaps } = resources

describe('an informed reader', () => {
  let plane: TestControlPlane
  let informers: InformerFactory
  let client: Client
  /** What was asked of the server. */
  let asked: string[]

  beforeEach(async () => {
    plane = createTestControlPlane()
    asked = []
    client = createClient({
      ...plane.transport,
      call: (call) => {
        asked.push(`${call.verb} ${call.resource.resource}`)
        return plane.transport.call(call)
      },
    })
    informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
    for (const name of ['a', 'b']) await plane.client.create(namespaces, { metadata: { name }, spec: {} })
  })
  afterEach(async () => {
    informers[Symbol.dispose]()
    await plane.close()
  })

  it('asks nothing for what it follows, and sees what was written just before', async () => {
    const reader = createInformedReader(client, informers, [namespaces, limitRanges])
    informers.start()
    await informers.whenSynced()
    await new Promise((resolve) => setImmediate(resolve))
    asked.length = 0
    await plane.client.create(limitRanges, { metadata: { name: 'r', namespace: 'a' }, spec: { limits: [] } })
    expect((await reader.list(limitRanges, { namespace: 'a' })).items).toHaveLength(1)
    expect((await reader.list(limitRanges, { namespace: 'b' })).items).toEqual([])
    expect((await reader.list(limitRanges)).items).toHaveLength(1)
    expect((await reader.get(namespaces, { name: 'a' })).metadata.name).toBe('a')
    expect(asked).toEqual([])
  })

  it('asks for everything else: other kinds, what is not listed yet, and what is not there', async () => {
    const reader = createInformedReader(client, informers, [namespaces])
    await reader.get(namespaces, { name: 'a' })
    await reader.list(configMaps, { namespace: 'a' })
    expect(asked).toEqual(['get namespaces', 'list configmaps'])
    informers.start()
    await informers.whenSynced()
    asked.length = 0
    await expect(reader.get(namespaces, { name: 'c' })).rejects.toThrow('namespaces "c" not found')
    expect(asked).toEqual(['get namespaces'])
  })
})
