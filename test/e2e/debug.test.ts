import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, kubectlVersions, run } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'e2e-debug'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  const script = 'sleep 98765'
  await kubectl(['run', 'app', '--image=busybox:latest', '--command', '--', 'sh', '-c', `${script} & wait`])
  await kubectl(['wait', 'pod/app', '--for=condition=Ready', '--timeout=120s'])
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe('kubectl debug', () => {
  it.each(kubectlVersions)(
    '1.%s joins a running pod with a shell that sees its processes',
    async (version) => {
      const k = kubectlFor(cluster.kubeconfig, version)
      const output = await k(
        [
          'debug',
          'app',
          '-i',
          '--image=busybox:latest',
          '--target=app',
          `--container=debug-${version}`,
          '--',
          'sh',
        ],
        { stdin: 'ps\nhostname\nexit\n', keepsStdinOpen: true },
      )
      expect(output).toContain('sleep 98765')
      expect(output).toMatch(/^app$/m)
    },
  )

  it('works on a terminal', async () => {
    const binary = clientBinary('kubectl')
    const command = `${binary} --kubeconfig ${cluster.kubeconfig} debug -it app --image=busybox:latest --target=app`
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], {
      stdin: 'tty; ps\nexit\n',
      timeoutMs: 60_000,
    })
    expect(stdout).toContain('/dev/pts/0')
    expect(stdout).toContain('sleep 98765')
  })

  it('is told of by describe and refused in upstream’s words', async () => {
    expect(await kubectl(['describe', 'pod', 'app'])).toMatch(/Ephemeral Containers:\s+debug/)
    await expect(
      kubectl(['debug', 'app', '--image=busybox:latest', '--target=nobody', '--container=lost']),
    ).rejects.toThrow(
      `spec.ephemeralContainers[${kubectlVersions.length + 1}].targetContainerName: Not found: "nobody"`,
    )
  })

  it('copies a pod with a shared process namespace', async () => {
    await kubectl([
      'debug',
      'app',
      '--copy-to=twin',
      '--image=busybox:latest',
      '--share-processes',
      '--container=shell',
      '--',
      'sleep',
      '1000',
    ])
    await kubectl(['wait', 'pod/twin', '--for=condition=Ready', '--timeout=120s'])
    expect(await kubectl(['exec', 'twin', '-c', 'shell', '--', 'ps'])).toContain('sleep 98765')
    await kubectl(['delete', 'pod', 'twin', 'app', '--now'])
  })
})

describe('kubectl run -i', () => {
  it('ends the container’s stdin with the caller’s', async () => {
    const args = ['run', 'upper', '-i', '--rm', '--restart=Never', '--image=busybox:latest', '--quiet', '--']
    const output = await kubectl([...args, 'sh', '-c', 'tr a-z A-Z; echo done'], { stdin: 'over the wire\n' })
    expect(output).toContain('OVER THE WIRE\ndone')
  })
})
