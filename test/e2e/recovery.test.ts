import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, run } from '../harness/clients.ts'
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
/** One pod with a volume of the built-in provisioner. */
const keeper = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: keeper }
spec:
  serviceName: keeper
  selector: { matchLabels: { app: keeper } }
  template:
    metadata: { labels: { app: keeper } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: keeper
          image: busybox
          imagePullPolicy: IfNotPresent
          command: [sleep, '100000']
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
`
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

interface Keeper {
  uid: string
  containerId: string
  volume: string
}

/** The StatefulSet's pod once it is Ready in another container than `old`. */
function keeperReady(old?: string): Promise<Keeper> {
  return eventually(
    'the StatefulSet has its pod Ready',
    async () => {
      const read = async (...what: string[]): Promise<string> =>
        (await run(clientBinary('kubectl'), ['--kubeconfig', cluster.kubeconfig, 'get', ...what])).stdout
      const path =
        '{.metadata.uid} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].ready}'
      const pod = await read('pod', 'keeper-0', '-o', `jsonpath=${path}`)
      const [uid = '', containerId = '', isReady] = pod.split(' ')
      if (isReady !== 'true' || containerId === old) return undefined
      const volume = await read('pvc', 'data-keeper-0', '-o', 'jsonpath={.spec.volumeName}')
      return { uid, containerId, volume }
    },
    150_000,
  )
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
      120_000,
    )
    expect(await kubectl(['get', 'pod', pod!.name])).toMatch(/1\/1\s+Running\s+1 \([\dms]+ ago\)/)
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
    await kubectl(['apply', '-f', '-'], { stdin: keeper })
    const keeperBefore = await keeperReady()
    const inKeeper = (script: string): Promise<string> =>
      kubectl(['exec', 'keeper-0', '--', 'sh', '-c', script])
    await inKeeper('echo kept > /data/file; sync')
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
    // The same pod of the StatefulSet runs again, over the same volume.
    const keeperAfter = await keeperReady(keeperBefore.containerId)
    expect(keeperAfter).toEqual({ ...keeperBefore, containerId: expect.any(String) as string })
    expect(await inKeeper('cat /data/file; echo more >> /data/file; cat /data/file')).toBe(
      'kept\nkept\nmore\n',
    )
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
