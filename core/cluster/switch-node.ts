import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { resources } from '../api/resources.ts'
import { isNotFound } from '../api/status.ts'
import { createClient } from '../client/client.ts'
import { createHttpsTransport } from '../client/https-transport.ts'
import { lockHolder } from './instance-lock.ts'

/** Set to `true` on a Node to switch it off; its kubelet and containers stop as if the machine had. */
export const stoppedAnnotation = 'wheelhouse.dev/stopped'

interface AdminKubeconfig {
  clusters: Array<{ cluster: { server: string; 'certificate-authority-data': string } }>
  users: Array<{ user: { 'client-certificate-data': string; 'client-key-data': string } }>
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString()
}

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
  const config = parse(readFileSync(join(dataDirectory, 'kubeconfig'), 'utf8')) as AdminKubeconfig
  const { cluster } = config.clusters[0]!
  const { user } = config.users[0]!
  using transport = createHttpsTransport({
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
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
