import { randomInt, randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { connectDocker } from './connect.ts'
import { followEvents } from './event-stream.ts'
import { label } from './labels.ts'
import { ensureNodeImage } from './node-image.ts'
import { createNodeNetwork, type NodeNetwork } from './node-network.ts'
import { removeClusterResources } from './remove-cluster.ts'

const docker = connectDocker()
const clusterId = `test-${randomUUID().slice(0, 8)}`
const network = `wh-${clusterId}`
const owner = { clusterId, nodeName: 'node-1' }
const seen: Array<number | 'down'> = []
let nodeNetwork: NodeNetwork
let events: Disposable

beforeAll(async () => {
  const resourcesDirectory = resolve(import.meta.dirname, '../../../resources')
  const image = await ensureNodeImage({ docker, resourcesDirectory, log: silentLogger })
  const prefix = `10.198.${randomInt(256)}`
  await docker.createNetwork({
    Name: network,
    IPAM: { Driver: 'default', Config: [{ Subnet: `${prefix}.0/24` }] },
    Labels: { [label.cluster]: clusterId },
  })
  nodeNetwork = createNodeNetwork({
    docker,
    owner,
    image,
    network,
    ip: `${prefix}.2`,
    setUp: async (pid) => void seen.push(pid),
    tearDown: () => void seen.push('down'),
  })
  const onNodeNetwork = (): void => void nodeNetwork.review()
  events = followEvents({ docker, owner, onNodeNetwork, clock: systemClock, log: silentLogger }, () => {})
})
afterAll(async () => {
  events[Symbol.dispose]()
  await removeClusterResources(docker, clusterId)
})

it('is torn down when somebody removes its container, and set up again with the next one', async () => {
  const first = await nodeNetwork.ensure()
  const { Pid: firstPid } = (await docker.getContainer(first).inspect()).State
  expect(await nodeNetwork.ensure()).toBe(first)
  expect(seen).toEqual([firstPid])
  await docker.getContainer(first).remove({ force: true })
  await vi.waitFor(() => expect(seen).toEqual([firstPid, 'down']), { timeout: 60_000 })
  const second = await nodeNetwork.ensure()
  const { Pid: secondPid } = (await docker.getContainer(second).inspect()).State
  await nodeNetwork.review()
  expect(seen).toEqual([firstPid, 'down', secondPid])
})
