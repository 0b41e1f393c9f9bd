import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { createClient } from '../client/client.ts'
import { createHttpsTransport } from '../client/https-transport.ts'
import { readAdminKubeconfig } from './admin-kubeconfig.ts'
import { lockHolder } from './instance-lock.ts'

/** Set to `true` on a Node to switch it off; its kubelet and containers stop as if the machine had. */
export const stoppedAnnotation = 'wheelhouse.dev/stopped'

/**
 * Switches a node of the cluster that runs on this data directory off or on, through its API, and says so. Throws when
 * the cluster does not run or has no such node.
 */
export async function switchNode(
  dataDirectory: string,
  name: string,
  action: 'stop' | 'start',
): Promise<string> {
  if (!lockHolder(dataDirectory)) throw new Error(`no cluster runs on ${dataDirectory}`)
  using transport = createHttpsTransport(readAdminKubeconfig(dataDirectory))
  const client = createClient(transport)
  const annotations = { [stoppedAnnotation]: action === 'stop' ? 'true' : null }
  try {
    await client.patch(resources.nodes, { name }, { type: 'merge', body: { metadata: { annotations } } })
  } catch (error) {
    if (!isNotFound(error)) throw error
    const { items } = await client.list(resources.nodes)
    const known = items.map((node) => node.metadata.name).join(', ')
    throw new Error(`the cluster has no node "${name}"; it has: ${known}`, { cause: error })
  }
  return action === 'stop'
    ? `node ${name} is switched off; its pods move to other nodes in a few seconds. ` +
        `Start it again with: npm run cluster -- node start ${name}`
    : `node ${name} is switched on`
}
