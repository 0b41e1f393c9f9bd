import { afterAll, beforeAll, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'resize'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

function patch(resources: object): Promise<string> {
  const body = JSON.stringify({ spec: { containers: [{ name: 'web', resources }] } })
  return kubectl(['patch', 'pod', 'web', '--subresource', 'resize', '-p', body])
}

it('kubectl resizes a pod that runs', async () => {
  const overrides = {
    spec: {
      containers: [{ name: 'web', image: 'nginx', resources: { limits: { cpu: '1', memory: '64Mi' } } }],
    },
  }
  await eventually('the account is there', async () => {
    await kubectl(['run', 'web', '--image=nginx', `--overrides=${JSON.stringify(overrides)}`])
    return true
  })
  await kubectl(['wait', 'pod/web', '--for=condition=Ready', '--timeout=120s'])
  await expect(patch({ requests: { cpu: '3' } })).rejects.toThrow(
    'spec.containers[0].resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 1',
  )
  expect(await patch({ limits: { cpu: '2' }, requests: { cpu: '2' } })).toContain('pod/web patched')
  await kubectl([
    'wait',
    'pod/web',
    '--for=jsonpath={.status.containerStatuses[0].resources.limits.cpu}=2',
    '--timeout=120s',
  ])
  const state = 'jsonpath={.metadata.generation} {.status.conditions[*].type}'
  await eventually('the conditions of the resize are gone', async () => {
    const shown = await kubectl(['get', 'pod', 'web', '-o', state])
    return shown.startsWith('2 ') && !shown.includes('PodResize')
  })
  await eventually('events tell of it', async () => {
    const described = await kubectl(['describe', 'pod', 'web'])
    return (
      /Normal\s+ResizeStarted\s.*Pod resize started: /.test(described) &&
      /Normal\s+ResizeCompleted\s.*Pod resize completed: /.test(described)
    )
  })
})
