import { KubeConfig, CoreV1Api, makeInformer } from '@kubernetes/client-node'
import type { V1ConfigMap } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

let cluster: RunningCluster
const start = (dataDirectory?: string): Promise<RunningCluster> =>
  startCluster({
    args: ['--runtime', 'simulated', '--name', 'informer'],
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
  })

beforeAll(async () => {
  cluster = await start()
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

/** A client of somebody else's making: what controllers in JavaScript are built on. */
function connect(): CoreV1Api & { config: KubeConfig } {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  return Object.assign(config.makeApiClient(CoreV1Api), { config })
}

function settings(name: string, colour: string): V1ConfigMap {
  return { metadata: { name, labels: { watched: 'yes' } }, data: { colour } }
}

it('an informer of @kubernetes/client-node survives a restart of the server and misses nothing', async () => {
  const api = connect()
  const namespace = 'default'
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const list = () => api.listNamespacedConfigMap({ namespace, labelSelector: 'watched=yes' })
  const informer = makeInformer(api.config, path, list, 'watched=yes')
  const seen: string[] = []
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata, data }) => seen.push(`${verb} ${metadata?.name} ${data?.colour}`))
  }
  let restarts = 0
  informer.on('error', () => {
    restarts++
    setTimeout(() => void informer.start().catch(() => undefined), 100)
  })
  await api.createNamespacedConfigMap({ namespace, body: settings('a', 'red') })
  await informer.start()
  await api.createNamespacedConfigMap({ namespace, body: settings('b', 'blue') })
  await eventually('both are seen', () => seen.includes('add a red') && seen.includes('add b blue'))

  await cluster.stop('SIGKILL')
  cluster = await start(cluster.dataDirectory)
  const again = connect()
  await again.replaceNamespacedConfigMap({ namespace, name: 'a', body: settings('a', 'green') })
  await again.deleteNamespacedConfigMap({ namespace, name: 'b' })
  await again.createNamespacedConfigMap({ namespace, body: settings('c', 'white') })
  await eventually(
    'the change, the deletion and the new one are seen',
    () => seen.includes('update a green') && seen.includes('delete b blue') && seen.includes('add c white'),
  )
  expect(informer.get('a', namespace)?.data).toEqual({ colour: 'green' })
  expect(seen.filter((line) => line.startsWith('add a'))).toHaveLength(1)
  expect(restarts).toBeGreaterThan(0)
  await informer.stop()
})
