import { writeFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor, run } from '../harness/clients.ts'
import {
  disposeCluster,
  nodesReady,
  startCluster,
  temporaryDirectory,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

/** A file system of its own for the data directory, small enough to be filled; only root may mount one. */
const small = temporaryDirectory()
const mounted = (await run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small])).code === 0

const options = {
  args: ['--name', 'e2e-full-disk', '--runtime', 'simulated'],
  dataDirectory: join(small, 'data'),
}
const filler = join(small, 'filler')

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>
/** Names of the ConfigMaps whose creation was acknowledged. */
const acknowledged: string[] = []

/** Takes all the room that is left. */
function fillDisk(): void {
  const { bavail, bsize } = statfsSync(small)
  writeFileSync(filler, Buffer.alloc(bavail * bsize, 'x'))
}

async function create(name: string, size: number): Promise<string> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: 'x'.repeat(size) } }
  const answer = await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(object) })
  acknowledged.push(name)
  return answer
}

async function stored(): Promise<string[]> {
  const names = await kubectl(['get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}'])
  return names.split(' ').filter((name) => name.startsWith('c-'))
}

beforeAll(async () => {
  if (!mounted) return
  cluster = await startCluster(options)
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
  if (mounted) await run('umount', [small])
  rmSync(small, { recursive: true, force: true })
})

describe.runIf(mounted)('a full disk under the data directory', () => {
  it('refuses writes with a Status that says why', async () => {
    await create('c-before', 10)
    fillDisk()
    // Some may still go into room that SQLite already has; not all of this.
    const untilRefused = async (): Promise<void> => {
      for (let i = 0; i < 200; i++) await create(`c-full-${i}`, 200_000)
    }
    await expect(untilRefused()).rejects.toThrow(
      'Error from server (InternalError): error when creating "STDIN": Internal error occurred: the write was not stored: the disk is full',
    )
  })

  it('goes on reading, and has all that it acknowledged', async () => {
    expect(await stored()).toEqual([...acknowledged].sort())
    expect(await kubectl(['get', 'nodes', '--no-headers'])).toContain('e2e-full-disk-node-1')
    expect(await kubectl(['get', '--raw', '/livez'])).toBe('ok')
  })

  it('writes again when there is room, without a restart', async () => {
    rmSync(filler)
    await eventually('a write is taken', () => create('c-after', 200_000))
    expect(await stored()).toEqual([...acknowledged].sort())
    await kubectl(['create', 'deployment', 'late', '--image=nginx', '--replicas=2'])
    await kubectl(['rollout', 'status', 'deployment/late', '--timeout=120s'])
    await nodesReady(kubectl)
  })

  it('says that the disk is full when it starts on one, and starts when there is room', async () => {
    await cluster.stop()
    fillDisk()
    await expect(startCluster(options)).rejects.toThrow(
      /the disk is full(: nothing can be written to .*\/data; ENOSPC)?/,
    )
    rmSync(filler)
    cluster = await startCluster(options)
    kubectl = kubectlFor(cluster.kubeconfig)
    expect(await stored()).toEqual([...acknowledged].sort())
  })
})
