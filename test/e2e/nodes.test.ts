import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import {
  clusterCommand,
  disposeCluster,
  nodesReady,
  startCluster,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const nginx = join(import.meta.dirname, '../fixtures/seeds/nginx.yaml')

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'tri', '--nodes', '3'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

async function readyNodesOfPods(): Promise<string[]> {
  const path = '{range .items[*]}{.spec.nodeName} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'
  const text = await kubectl(['get', 'pods', '-l', 'app=nginx', '-o', `jsonpath=${path}`])
  return text
    .split('\n')
    .filter((line) => line.endsWith(' True'))
    .map((line) => line.split(' ')[0]!)
    .sort()
}

describe('three nodes on one Docker', () => {
  it('spread the pods, each from its own range', async () => {
    await kubectl(['apply', '-f', nginx])
    await kubectl(['scale', 'deployment/nginx', '--replicas=6'])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    expect(await readyNodesOfPods()).toEqual([1, 1, 2, 2, 3, 3].map((index) => `tri-node-${index}`))
    const ranges = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].spec.podCIDR}'])
    expect(new Set(ranges.split(' ')).size).toBe(3)
  })

  it('refuse a node name that is not there', async () => {
    const result = await clusterCommand(['node', 'stop', 'tri-node-9', '--data-dir', cluster.dataDirectory])
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('tri-node-1, tri-node-2, tri-node-3'),
    })
  })

  it('lose one that is stopped, and its pods move', async () => {
    const result = await clusterCommand(['node', 'stop', 'tri-node-2', '--data-dir', cluster.dataDirectory])
    expect(result.code).toBe(0)
    await eventually('the node is not Ready', async () => {
      const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
      return /^(Unknown|False)$/.test(await kubectl(['get', 'node', 'tri-node-2', '-o', ready]))
    })
    await eventually('it is tainted', async () => {
      const taints = await kubectl(['get', 'node', 'tri-node-2', '-o', 'jsonpath={.spec.taints[*].effect}'])
      return taints.split(' ').sort().join() === 'NoExecute,NoSchedule'
    })
    await eventually(
      'six pods are Ready on the other two',
      async () => {
        const nodes = await readyNodesOfPods()
        return nodes.length === 6 && !nodes.includes('tri-node-2')
      },
      150_000,
    )
  })

  it('get it back', async () => {
    await clusterCommand(['node', 'start', 'tri-node-2', '--data-dir', cluster.dataDirectory])
    await kubectl(['wait', 'node/tri-node-2', '--for=condition=Ready', '--timeout=120s'])
    await eventually('its taints are gone', async () => {
      return (await kubectl(['get', 'node', 'tri-node-2', '-o', 'jsonpath={.spec.taints}'])) === ''
    })
    await kubectl(['scale', 'deployment/nginx', '--replicas=9'])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    expect(await readyNodesOfPods()).toContain('tri-node-2')
  })
})
