import { isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { silentLogger } from '../../util/logger.ts'
import { connectDocker } from './connect.ts'
import { findHostGateway } from './host-gateway.ts'
import { ensureNodeImage } from './node-image.ts'
import { removeClusterResources } from './remove-cluster.ts'

it('asks the engine how its containers reach the host, and leaves no container behind', async () => {
  const docker = connectDocker()
  const clusterId = 'host-gateway-test'
  const resourcesDirectory = resolve(import.meta.dirname, '../../../resources')
  const image = await ensureNodeImage({ docker, resourcesDirectory, log: silentLogger })
  const address = await findHostGateway(docker, { clusterId, image })
  expect(isIPv4(address ?? '')).toBe(true)
  expect(await removeClusterResources(docker, clusterId)).toMatchObject({ containers: 0 })
})
