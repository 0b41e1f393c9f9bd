import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const pods = `
apiVersion: v1
kind: Pod
metadata:
  name: busy
  labels: { app: busy }
  annotations:
    simulated.wheelhouse.dev/cpu: 250m
    simulated.wheelhouse.dev/memory: 64Mi
    simulated.wheelhouse.dev/cpu.side: 50m
spec:
  containers:
    - { name: app, image: nginx }
    - { name: side, image: nginx }
---
apiVersion: v1
kind: Pod
metadata:
  name: calm
  annotations:
    simulated.wheelhouse.dev/memory: 1Mi
spec:
  containers:
    - { name: app, image: nginx }
`

describe('metrics.k8s.io with real kubectl', () => {
  let cluster: RunningCluster
  beforeAll(async () => {
    cluster = await startCluster({ args: ['--name', 'top', '--runtime', 'simulated'] })
    await kubectl(['apply', '-f', '-'], pods)
    await kubectl(['wait', '--for=condition=Ready', 'pod/busy', 'pod/calm', '--timeout=120s'])
  })
  afterAll(async () => {
    await cluster.stop()
  })

  async function tryKubectl(args: string[], stdin?: string): Promise<CommandResult> {
    return run(clientBinary('kubectl'), ['--kubeconfig', cluster.kubeconfig, ...args], stdin ? { stdin } : {})
  }
  async function kubectl(args: string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await tryKubectl(args, stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const lines = (text: string): string[][] =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))

  it('tells what pods use', async () => {
    const table = await eventually('both pods are measured', async () => {
      const found = lines(await kubectl(['top', 'pods']))
      return found.length === 3 && found[1]?.[2] === '128Mi' ? found : undefined
    })
    expect(table[0]).toEqual(['NAME', 'CPU(cores)', 'MEMORY(bytes)'])
    expect(table[1]?.[0]).toBe('busy')
    expect(table[1]?.[2]).toBe('128Mi')
    expect(Number.parseInt(table[1]?.[1] ?? '', 10)).toBeGreaterThan(290)
    expect(Number.parseInt(table[1]?.[1] ?? '', 10)).toBeLessThan(310)
    expect(table[2]).toEqual(['calm', '0m', '1Mi'])
  })

  it('tells it by container and by label', async () => {
    const table = lines(await kubectl(['top', 'pods', '--containers', '-l', 'app=busy']))
    expect(table.map(([pod, name, , memory]) => [pod, name, memory])).toEqual([
      ['POD', 'NAME', 'MEMORY(bytes)'],
      ['busy', 'app', '64Mi'],
      ['busy', 'side', '64Mi'],
    ])
  })

  it('tells what nodes use', async () => {
    const [head, node] = await eventually('the pods are counted', async () => {
      const found = lines(await kubectl(['top', 'nodes']))
      return found[1]?.[3] === '129Mi' && found
    })
    expect(head).toEqual(['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'])
    expect(node?.[0]).toBe('top-node-1')
  })

  it('has the shapes of metrics-server', async () => {
    const path = '/apis/metrics.k8s.io/v1beta1'
    const list = JSON.parse(await kubectl(['get', '--raw', `${path}/namespaces/default/pods`])) as {
      items: unknown[]
    }
    expect(list).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {} })
    expect(list.items[0]).toEqual({
      metadata: {
        name: 'busy',
        namespace: 'default',
        creationTimestamp: expect.stringMatching(/Z$/) as string,
        labels: { app: 'busy' },
      },
      timestamp: expect.stringMatching(/Z$/) as string,
      window: expect.stringMatching(/^\d+(\.\d+)?s$/) as string,
      containers: [
        { name: 'app', usage: { cpu: expect.stringMatching(/^\d+[num]?$/) as string, memory: '64Mi' } },
        { name: 'side', usage: { cpu: expect.stringMatching(/^\d+[num]?$/) as string, memory: '64Mi' } },
      ],
    })
    const discovery = JSON.parse(await kubectl(['get', '--raw', path])) as { resources: object[] }
    expect(discovery.resources).toEqual([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ])
    expect(lines(await kubectl(['get', 'podmetrics', 'busy']))[0]).toEqual([
      'NAME',
      'CPU',
      'MEMORY',
      'WINDOW',
    ])
    expect(await kubectl(['explain', 'podmetrics.containers.usage'])).toContain('metrics.k8s.io')
  })

  it('reaches the kubelet’s own API through the API server', async () => {
    const path = '/api/v1/nodes/top-node-1/proxy'
    expect(await kubectl(['get', '--raw', `${path}/healthz`])).toBe('ok')
    const summary = JSON.parse(await kubectl(['get', '--raw', `${path}/stats/summary`])) as { pods: object[] }
    expect(summary).toMatchObject({ node: { nodeName: 'top-node-1' } })
    expect(summary.pods).toHaveLength(2)
    expect(await kubectl(['get', '--raw', `${path}/metrics/resource`])).toContain(
      'container_memory_working_set_bytes{container="app",namespace="default",pod="busy"} 6.7108864e+07',
    )
  })

  it('says what it does not know or do as metrics-server would', async () => {
    const missing = await tryKubectl(['top', 'pod', 'nobody'])
    expect(missing.stderr).toContain('Error from server (NotFound): pods "default/nobody" not found')
    const node = await tryKubectl(['top', 'node', 'nobody'])
    expect(node.stderr).toContain('Error from server (NotFound): nodes "nobody" not found')
    const removal = await tryKubectl(['delete', 'podmetrics', 'busy'])
    expect(removal.stderr).toContain('(MethodNotAllowed)')
    const core = await kubectl(['get', 'pods', '-o', 'name'])
    expect(core).toContain('pod/busy')
  })
})
