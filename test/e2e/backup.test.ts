import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import {
  clusterCommand,
  containersGone,
  disposeCluster,
  nodesReady,
  startCluster,
  type RunningCluster,
} from '../harness/cluster.ts'

const redis = join(import.meta.dirname, '../fixtures/redis.yaml')
const args = ['--name', 'e2e-backup', '--on-exit', 'keep']

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', redis])
  await kubectl(['rollout', 'status', 'statefulset/redis', '--timeout=120s'])
  await kubectl(['create', 'configmap', 'settings', '--from-literal=level=info'])
  await kubectl(['create', 'secret', 'generic', 'password', '--from-literal=word=hidden'])
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const onData = (...command: string[]): ReturnType<typeof clusterCommand> =>
  clusterCommand([...command, '--data-dir', cluster.dataDirectory])
const redisCli = async (...command: string[]): Promise<string> =>
  (await kubectl(['exec', 'redis-0', '--', 'redis-cli', ...command])).trim()
const redisPod = (): Promise<string> => {
  const { uid, container, restarts } = {
    uid: '{.metadata.uid}',
    container: '{.status.containerStatuses[0].containerID}',
    restarts: '{.status.containerStatuses[0].restartCount}',
  }
  return kubectl(['get', 'pod', 'redis-0', '-o', `jsonpath=${uid} ${container} ${restarts}`])
}

describe('a backup and its restore', () => {
  it('bring objects back, adopt the running pods, and clear away what came after', async () => {
    const file = join(cluster.dataDirectory, 'saved.backup')
    expect(await redisCli('set', 'greeting', 'hello')).toBe('OK')
    const before = await redisPod()
    const saved = await onData('backup', file)
    expect(saved.stderr).toMatch(/objects of cluster "e2e-backup" at revision \d+/)
    expect(saved.code).toBe(0)

    await kubectl(['delete', 'configmap', 'settings'])
    await kubectl(['delete', 'secret', 'password'])
    await kubectl(['run', 'late', '--image=my-app:1.0'])
    await kubectl(['wait', 'pod/late', '--for=condition=Ready', '--timeout=120s'])
    expect((await onData('restore', file)).stderr).toContain('is in use by process')
    await cluster.stop()
    const restored = await onData('restore', file)
    expect(restored.stderr).toContain('objects of cluster "e2e-backup" as of')
    expect(restored.code).toBe(0)

    cluster = await startCluster({ args, dataDirectory: cluster.dataDirectory })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    expect(await kubectl(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.level}'])).toBe('info')
    const word = await kubectl(['get', 'secret', 'password', '-o', 'jsonpath={.data.word}'])
    expect(Buffer.from(word, 'base64').toString()).toBe('hidden')
    await kubectl(['wait', 'pod/redis-0', '--for=condition=Ready', '--timeout=120s'])
    expect(await redisPod()).toBe(before)
    expect(await redisCli('get', 'greeting')).toBe('hello')
    await containersGone(cluster, /_late_default_/)
    // New work is taken as ever.
    await kubectl(['delete', 'pod', 'redis-0'])
    await kubectl(['rollout', 'status', 'statefulset/redis', '--timeout=120s'])
    expect(await redisCli('get', 'greeting')).toBe('hello')
  })
})
