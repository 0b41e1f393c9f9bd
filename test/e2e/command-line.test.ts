import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { kubectlFor, run } from '../harness/clients.ts'
import {
  clusterCommand,
  disposeCluster,
  fetchPage,
  nodesReady,
  startCluster,
  temporaryDirectory,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const clusters: RunningCluster[] = []
async function start(
  args: string[],
  options: Parameters<typeof startCluster>[0] = {},
): Promise<RunningCluster> {
  const cluster = await startCluster({ ...options, args })
  clusters.push(cluster)
  return cluster
}
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await disposeCluster(cluster)
})

const simulated = ['--runtime', 'simulated']

describe('npm run cluster', () => {
  it('prints the ready line once and ends cleanly on SIGTERM', async () => {
    const cluster = await start(simulated)
    expect(cluster.output()).toMatch(
      /^ready api=https:\/\/127\.0\.0\.1:\d+ ui=http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+ kubeconfig=\S+\n$/,
    )
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600)
    expect(await kubectlFor(cluster.kubeconfig)(['get', '--raw', '/readyz'])).toBe('ok')
    expect((await fetchPage(cluster.ui)).status).toBe(200)
    expect(existsSync(join(cluster.dataDirectory, 'logs/wheelhouse.log'))).toBe(true)
    expect(await cluster.stop()).toBe(0)
    expect(cluster.output().match(/ready /g)).toHaveLength(1)
  })

  it('refuses a second start on the same directory and says who holds it', async () => {
    const cluster = await start(simulated)
    const second = await clusterCommand(['--data-dir', cluster.dataDirectory, ...simulated])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`in use by process ${cluster.pid}`)
    expect(second.stdout).toBe('')
  })

  it('falls back to a free port when the wanted one is taken, and keeps that one', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const taken = (blocker.address() as AddressInfo).port
    const first = await start([...simulated, '--api-port', String(taken)])
    const port = new URL(first.api).port
    expect(Number(port)).not.toBe(taken)
    await first.stop()
    await new Promise((resolve) => blocker.close(resolve))
    const second = await start(simulated, { dataDirectory: first.dataDirectory })
    expect(new URL(second.api).port).toBe(port)
  })

  it('keeps its objects over a restart', async () => {
    const first = await start(simulated)
    await kubectlFor(first.kubeconfig)(['create', 'configmap', 'kept', '--from-literal=a=b'])
    await first.stop()
    const second = await start(simulated, { dataDirectory: first.dataDirectory })
    const kubectl = kubectlFor(second.kubeconfig)
    expect(await kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).toBe('b')
  })

  it('comes up without Docker, and says on the node and on pods how to fix it', async () => {
    const cluster = await start([], { env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } })
    const kubectl = kubectlFor(cluster.kubeconfig)
    const message = await eventually('the node tells why it is not Ready', async () => {
      const path =
        'jsonpath={.items[0].status.conditions[?(@.type=="Ready")].status}{"|"}{.items[0].status.conditions[?(@.type=="Ready")].message}'
      const text = await kubectl(['get', 'nodes', '-o', path])
      return text.startsWith('False|') ? text : undefined
    })
    expect(message).toMatch(/Docker/)
    await kubectl(['run', 'waiting', '--image=busybox:latest'])
    await eventually('an event says how to fix it', async () =>
      /Docker/.test(await kubectl(['get', 'events', '-A', '-o', 'jsonpath={.items[*].message}'])),
    )
    expect(await kubectl(['get', 'pod', 'waiting', '-o', 'jsonpath={.status.phase}'])).toBe('Pending')
    expect((await fetchPage(cluster.ui)).status).toBe(200)
  })

  it('merges into the user’s kubeconfig only when asked, and takes it out again', async () => {
    const home = temporaryDirectory()
    const quiet = await start(simulated, { env: { HOME: home, KUBECONFIG: '' } })
    expect(existsSync(join(home, '.kube/config'))).toBe(false)
    await quiet.stop()
    mkdirSync(join(home, '.kube'))
    const merged = await start([...simulated, '--name', 'merged', '--merge-kubeconfig'], {
      env: { HOME: home, KUBECONFIG: '' },
    })
    expect(await kubectlFor(join(home, '.kube/config'))(['config', 'current-context'])).toBe(
      'wheelhouse-merged\n',
    )
    const undone = await clusterCommand(
      ['unmerge-kubeconfig', '--name', 'merged', '--data-dir', merged.dataDirectory],
      { HOME: home, KUBECONFIG: '' },
    )
    expect(undone.code).toBe(0)
    expect(readFileSync(join(home, '.kube/config'), 'utf8')).not.toContain('wheelhouse-merged')
    rmSync(home, { recursive: true })
  })

  it('explains a wrong flag in one line', async () => {
    const result = await clusterCommand(['--nodes', 'many'])
    expect(result.code).toBe(2)
    expect(result.stderr.trim().split('\n')).toHaveLength(1)
    expect(result.stderr).toContain('--nodes "many"')
  })
})

describe('npm run cluster -- delete', () => {
  it('removes what belongs to this cluster and nothing of another one', async () => {
    const mine = await start(['--name', 'same'])
    const other = await start(['--name', 'same'])
    const label = async (cluster: RunningCluster): Promise<string> => {
      const { id } = JSON.parse(readFileSync(join(cluster.dataDirectory, 'cluster.json'), 'utf8')) as {
        id: string
      }
      return `label=io.wheelhouse.cluster=${id}`
    }
    const [mineLabel, otherLabel] = [await label(mine), await label(other)]
    for (const cluster of [mine, other]) {
      await nodesReady(kubectlFor(cluster.kubeconfig))
    }
    const refused = await clusterCommand(['delete', '--data-dir', mine.dataDirectory])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('in use by process')
    await mine.stop()
    const removed = await clusterCommand(['delete', '--name', 'same', '--data-dir', mine.dataDirectory])
    expect(removed.code).toBe(0)
    expect(existsSync(mine.dataDirectory)).toBe(false)
    const left = async (filter: string): Promise<string> =>
      (await run('docker', ['ps', '-aq', '--filter', filter])).stdout +
      (await run('docker', ['network', 'ls', '-q', '--filter', filter])).stdout +
      (await run('docker', ['volume', 'ls', '-q', '--filter', filter])).stdout
    expect(await left(mineLabel)).toBe('')
    expect(await left(otherLabel)).not.toBe('')
  })
})
