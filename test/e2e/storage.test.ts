import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor, run } from '../harness/clients.ts'
import {
  clusterCommand,
  disposeCluster,
  nodesReady,
  startCluster,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
const seed = join(fixtures, 'seeds/storage.yaml')
const redis = join(fixtures, 'redis.yaml')

const scratch = `
apiVersion: v1
kind: Pod
metadata: { name: scratch }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sleep, '100000']
      volumeMounts: [{ name: own, mountPath: /scratch }]
  volumes:
    - name: own
      ephemeral:
        volumeClaimTemplate:
          metadata: { labels: { app: scratch } }
          spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
`

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'store', '--nodes', '2'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const ready = (pod: string): Promise<string> =>
  kubectl(['wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s'])
const redisCli = (...command: string[]): Promise<string> =>
  kubectl(['exec', 'redis-0', '--', 'redis-cli', ...command]).then((text) => text.trim())
const nodeOf = (pod: string): Promise<string> =>
  kubectl(['get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}'])

/** Docker volumes behind the claims of this test's cluster. */
async function dockerVolumes(claim: string): Promise<string[]> {
  const filter = `label=io.wheelhouse.claim=${claim}`
  const { stdout } = await run('docker', ['volume', 'ls', '-q', '--filter', filter])
  return stdout.split('\n').filter(Boolean)
}

describe('storage', () => {
  it('has the default class that kind and minikube have', async () => {
    const line = (await kubectl(['get', 'sc', '--no-headers'])).trim().replace(/\s+/g, ' ')
    expect(line).toMatch(
      /^standard \(default\) local.wheelhouse.io Delete WaitForFirstConsumer true [\dms]+$/,
    )
  })

  it('makes a volume for a pod that asks for one of its own, and removes it with the pod', async () => {
    await kubectl(['apply', '-f', '-'], { stdin: scratch })
    await ready('scratch')
    const written = 'echo here > /scratch/file; cat /scratch/file'
    expect(await kubectl(['exec', 'scratch', '--', 'sh', '-c', written])).toBe('here\n')
    const claim = await kubectl(['get', 'pvc', 'scratch-own', '-o', 'json'])
    const { metadata, spec, status } = JSON.parse(claim) as {
      metadata: { labels: object; ownerReferences: Array<{ kind: string; name: string }> }
      spec: { volumeName: string }
      status: { phase: string }
    }
    expect(status.phase).toBe('Bound')
    expect(metadata.labels).toEqual({ app: 'scratch' })
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'scratch' }])
    expect(await dockerVolumes('default/scratch-own')).toHaveLength(1)
    await kubectl(['delete', 'pod', 'scratch'])
    await eventually('claim, volume and storage are gone', async () => {
      const left = await kubectl(['get', 'pvc,pv', '-o', 'name', '--ignore-not-found'])
      if (left.includes('scratch-own') || left.includes(spec.volumeName)) return undefined
      return (await dockerVolumes('default/scratch-own')).length === 0
    })
  })

  it('binds the seed’s claim to its volume when the pod comes', async () => {
    await kubectl(['apply', '-f', seed])
    await ready('my-app')
    const claim = (await kubectl(['get', 'pvc', 'my-pvc', '--no-headers'])).trim().split(/\s+/)
    expect(claim.slice(0, 6)).toEqual(['my-pvc', 'Bound', 'my-pv', '10Gi', 'RWO', 'standard'])
    const volume = (await kubectl(['get', 'pv', 'my-pv', '--no-headers'])).trim().split(/\s+/)
    expect(volume.slice(1, 7)).toEqual(['10Gi', 'RWO', 'Retain', 'Bound', 'default/my-pvc', 'standard'])
    await kubectl(['exec', 'my-app', '--', 'sh', '-c', 'echo kept > /app/data/file'])
    await kubectl(['delete', 'pod', 'my-app'])
    await kubectl(['apply', '-f', seed])
    await ready('my-app')
    expect(await kubectl(['exec', 'my-app', '--', 'cat', '/app/data/file'])).toBe('kept\n')
    const described = await kubectl(['describe', 'pvc', 'my-pvc'])
    expect(described).toMatch(/Used By:\s+my-app/)
  })

  it('protects a claim that a pod uses, and releases the volume after it', async () => {
    await kubectl(['delete', 'pvc', 'my-pvc', '--wait=false'])
    expect(await kubectl(['get', 'pvc', 'my-pvc', '--no-headers'])).toContain('Terminating')
    await kubectl(['exec', 'my-app', '--', 'rm', '/app/data/file'])
    await kubectl(['delete', 'pod', 'my-app'])
    await kubectl(['wait', 'pvc/my-pvc', '--for=delete', '--timeout=120s'])
    await kubectl(['wait', 'pv/my-pv', '--for=jsonpath={.status.phase}=Released', '--timeout=120s'])
    await kubectl(['delete', 'pv', 'my-pv'])
  })
})

describe('a redis StatefulSet', () => {
  it('writes to a volume made for it', async () => {
    await kubectl(['apply', '-f', redis])
    await eventually('redis-0 exists', () => nodeOf('redis-0').then(Boolean))
    await ready('redis-0')
    expect(await redisCli('set', 'greeting', 'hello')).toBe('OK')
    expect(await dockerVolumes('default/data-redis-0')).toHaveLength(1)
  })

  it('has its data after its pod is deleted', async () => {
    await kubectl(['delete', 'pod', 'redis-0'])
    await eventually('redis-0 is back', () => nodeOf('redis-0').then(Boolean))
    await ready('redis-0')
    expect(await redisCli('get', 'greeting')).toBe('hello')
  })

  it('has its data after its container is killed, in the same pod', async () => {
    const field = (path: string): Promise<string> =>
      kubectl(['get', 'pod', 'redis-0', '-o', `jsonpath=${path}`])
    const uid = await field('{.metadata.uid}')
    const container = await field('{.status.containerStatuses[0].containerID}')
    await run('docker', ['kill', container.replace('docker://', '')])
    await eventually(
      'it was restarted',
      async () => (await field('{.status.containerStatuses[0].restartCount}')) === '1',
      120_000,
    )
    await ready('redis-0')
    expect(await field('{.metadata.uid}')).toBe(uid)
    expect(await redisCli('get', 'greeting')).toBe('hello')
  })

  it('has its data on another node when its own is stopped', async () => {
    const first = await nodeOf('redis-0')
    const data = ['--data-dir', cluster.dataDirectory]
    await clusterCommand(['node', 'stop', first, ...data])
    const other = first === 'store-node-1' ? 'store-node-2' : 'store-node-1'
    await eventually('redis-0 moved', async () => (await nodeOf('redis-0')) === other, 180_000)
    await ready('redis-0')
    expect(await redisCli('get', 'greeting')).toBe('hello')
    await clusterCommand(['node', 'start', first, ...data])
  })

  it('has its data after the whole program was killed', async () => {
    await cluster.stop('SIGKILL')
    cluster = await startCluster({
      args: ['--name', 'store', '--nodes', '2'],
      dataDirectory: cluster.dataDirectory,
    })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    await ready('redis-0')
    expect(await redisCli('get', 'greeting')).toBe('hello')
    await kubectl(['delete', 'pod', 'redis-0', '--force', '--grace-period=0'])
    await eventually('redis-0 is back', () => nodeOf('redis-0').then(Boolean))
    await ready('redis-0')
    expect(await redisCli('get', 'greeting')).toBe('hello')
  })

  it('grows its volume', async () => {
    const size = '{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}'
    await kubectl(['patch', 'pvc', 'data-redis-0', '-p', size])
    const grown = '--for=jsonpath={.status.capacity.storage}=1Gi'
    await kubectl(['wait', 'pvc/data-redis-0', grown, '--timeout=120s'])
  })

  it('leaves nothing behind when it and its claims go', async () => {
    await kubectl(['delete', '-f', redis])
    await kubectl(['wait', 'pvc/data-redis-0', '--for=delete', '--timeout=120s'])
    await eventually('the Docker volume is gone', async () => {
      return (await dockerVolumes('default/data-redis-0')).length === 0
    })
    await eventually('no volume is left', async () => (await kubectl(['get', 'pv', '-o', 'name'])) === '')
  })
})
