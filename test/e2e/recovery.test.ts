import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor, run } from '../harness/clients.ts'
import {
  containerNames,
  disposeCluster,
  nodesReady,
  startCluster,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const nginx = join(import.meta.dirname, '../fixtures/seeds/nginx.yaml')
/** Set by .ci/run when it started dockerd itself: only then may it be restarted. */
const dockerd = {
  command: process.env['WHEELHOUSE_DOCKERD'],
  pidFile: process.env['WHEELHOUSE_DOCKERD_PIDFILE'] ?? '/var/run/docker.pid',
}
const nginxContainers = /^k8s_nginx_/

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

interface PodView {
  uid: string
  name: string
  restarts: number
  containerId: string
}

async function nginxPods(): Promise<PodView[]> {
  const list = JSON.parse(await kubectl(['get', 'pods', '-l', 'app=nginx', '-o', 'json'])) as {
    items: Array<{
      metadata: { uid: string; name: string; deletionTimestamp?: string }
      status: { containerStatuses?: Array<{ restartCount: number; containerID: string; ready: boolean }> }
    }>
  }
  return list.items
    .filter((pod) => !pod.metadata.deletionTimestamp && pod.status.containerStatuses?.[0]?.ready)
    .map((pod) => ({
      uid: pod.metadata.uid,
      name: pod.metadata.name,
      restarts: pod.status.containerStatuses![0]!.restartCount,
      containerId: pod.status.containerStatuses![0]!.containerID,
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
}

function threeReady(): Promise<PodView[]> {
  return eventually(
    'three nginx pods are Ready',
    async () => {
      const pods = await nginxPods()
      return pods.length === 3 ? pods : undefined
    },
    120_000,
  )
}

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-recovery'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await kubectl(['apply', '-f', nginx])
  await threeReady()
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe('a running cluster heals', () => {
  it('restarts a killed container and counts it', async () => {
    const [pod] = await threeReady()
    await run('docker', ['kill', pod!.containerId.replace('docker://', '')])
    await eventually(
      'the pod is Ready again with one restart',
      async () => {
        const same = (await nginxPods()).find((candidate) => candidate.uid === pod!.uid)
        return same?.restarts === 1
      },
      60_000,
    )
    expect(await kubectl(['get', 'pod', pod!.name])).toMatch(/1\/1\s+Running\s+1 \(\d+s ago\)/)
  })

  it('replaces a deleted pod', async () => {
    const [pod] = await threeReady()
    await kubectl(['delete', 'pod', pod!.name])
    const pods = await threeReady()
    expect(pods.map((candidate) => candidate.uid)).not.toContain(pod!.uid)
  })

  it('adopts everything after kill -9 of the whole process', async () => {
    const before = await threeReady()
    const objectsBefore = await kubectl([
      'get',
      'deployments,replicasets,services,configmaps',
      '-A',
      '-o',
      'name',
    ])
    await cluster.stop('SIGKILL')
    expect(await containerNames(cluster, nginxContainers)).not.toHaveLength(0)
    cluster = await startCluster({ args: ['--name', 'e2e-recovery'], dataDirectory: cluster.dataDirectory })
    kubectl = kubectlFor(cluster.kubeconfig)
    await nodesReady(kubectl)
    expect(await threeReady()).toEqual(before)
    expect(await kubectl(['get', 'deployments,replicasets,services,configmaps', '-A', '-o', 'name'])).toBe(
      objectsBefore,
    )
    // Adoption must also hold after the kubelet has looked at every pod.
    await kubectl(['annotate', 'pods', '-l', 'app=nginx', 'touched=yes'])
    expect(await threeReady()).toEqual(before)
  })

  it.runIf(dockerd.command)('brings everything back after a restart of dockerd', async () => {
    const before = await threeReady()
    await restartDockerd()
    await eventually(
      'every pod is Ready in new containers',
      async () => {
        const pods = await nginxPods()
        const renewed = pods.every((pod) => !before.some((old) => old.containerId === pod.containerId))
        return pods.length === 3 && renewed
      },
      150_000,
    )
    await nodesReady(kubectl)
    const after = await threeReady()
    expect(after.map((pod) => pod.uid)).toEqual(before.map((pod) => pod.uid))
  })
})

/** Restarts the daemon that .ci/run started, and only that one. */
async function restartDockerd(): Promise<void> {
  const pid = Number(readFileSync(dockerd.pidFile, 'utf8'))
  process.kill(pid, 'SIGTERM')
  await eventually(
    'dockerd ended',
    () => {
      try {
        process.kill(pid, 0)
        return undefined
      } catch {
        return true
      }
    },
    60_000,
  )
  const log = openSync(join(tmpdir(), 'wheelhouse-dockerd.log'), 'a')
  spawn('sh', ['-c', `exec ${dockerd.command}`], { detached: true, stdio: ['ignore', log, log] }).unref()
  await eventually('dockerd answers', async () => (await run('docker', ['info'])).code === 0, 60_000)
}
