import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  cluster = await startCluster({ args: ['--name', 'batch', '--nodes', '2'] })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

/** A pod template's spec that runs a script in busybox. */
const running = (script: string, restartPolicy = 'Never'): object => ({
  restartPolicy,
  terminationGracePeriodSeconds: 1,
  containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }],
})
const apply = (object: object): Promise<string> =>
  kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) })
const job = (name: string, spec: object): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec,
})
const complete = (name: string): Promise<string> =>
  kubectl(['wait', `job/${name}`, '--for=condition=Complete', '--timeout=120s'])

interface FinishedPod {
  metadata: { name: string }
  status: { containerStatuses: Array<{ state: { terminated: { startedAt: string; finishedAt: string } } }> }
}
/** When each pod of a Job started and ended, in order. */
async function runsOf(name: string): Promise<Array<{ from: number; to: number }>> {
  const list = await kubectl(['get', 'pods', '-l', `job-name=${name}`, '-o', 'json'])
  const { items } = JSON.parse(list) as { items: FinishedPod[] }
  return items
    .map(({ status }) => status.containerStatuses[0]!.state.terminated)
    .map(({ startedAt, finishedAt }) => ({ from: Date.parse(startedAt), to: Date.parse(finishedAt) }))
    .sort((a, b) => a.from - b.from)
}

describe('a DaemonSet', () => {
  const nodesOf = async (): Promise<string[]> => {
    const nodes = 'jsonpath={.items[*].spec.nodeName}'
    return (await kubectl(['get', 'pods', '-l', 'app=agent', '-o', nodes])).split(' ').sort()
  }

  it('runs one pod on each node, which knows its node', async () => {
    const template = {
      metadata: { labels: { app: 'agent' } },
      spec: {
        ...running('echo on $NODE; exec sleep 3600', 'Always'),
        containers: [
          {
            name: 'c',
            image: 'busybox',
            command: ['sh', '-c', 'echo on $NODE; exec sleep 3600'],
            env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          },
        ],
      },
    }
    const spec = { selector: { matchLabels: { app: 'agent' } }, template }
    await apply({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' }, spec })
    await kubectl(['rollout', 'status', 'daemonset/agent', '--timeout=120s'])
    expect(await nodesOf()).toEqual(['batch-node-1', 'batch-node-2'])
    expect(await kubectl(['get', 'daemonset', 'agent', '--no-headers'])).toMatch(/agent\s+2\s+2\s+2\s+2\s+2/)
    await eventually('both have spoken', async () => {
      const logs = await kubectl(['logs', '-l', 'app=agent'])
      return logs.trim().split('\n').sort().join() === 'on batch-node-1,on batch-node-2'
    })
  })

  it('replaces a deleted pod on the same node', async () => {
    const pod = await kubectl(['get', 'pods', '-l', 'app=agent', '-o', 'name'])
    await kubectl(['delete', pod.split('\n')[0]!])
    await eventually('both nodes have theirs', async () => {
      return (await nodesOf()).join() === 'batch-node-1,batch-node-2'
    })
    await kubectl(['delete', 'daemonset', 'agent'])
  })
})

describe('a Job', () => {
  it('runs once', async () => {
    await apply(job('once', { template: { spec: running('echo done') } }))
    await complete('once')
    expect(await kubectl(['logs', 'job/once'])).toBe('done\n')
    expect(await kubectl(['get', 'job', 'once', '--no-headers'])).toMatch(/once\s+Complete\s+1\/1/)
  })

  it('runs several times, one after another', async () => {
    await apply(job('series', { completions: 3, template: { spec: running('sleep 1') } }))
    await complete('series')
    const runs = await runsOf('series')
    expect(runs).toHaveLength(3)
    for (const [i, { from }] of runs.entries())
      if (i > 0) expect(from).toBeGreaterThanOrEqual(runs[i - 1]!.to)
  })

  it('runs several times at once', async () => {
    const waiting = running('until [ -e /tmp/go ]; do sleep 0.1; done')
    await apply(job('parallel', { completions: 4, parallelism: 4, template: { spec: waiting } }))
    const pods = async (): Promise<string[]> => {
      const phases = '{range .items[*]}{.metadata.name} {.status.phase}{"\\n"}{end}'
      const text = await kubectl(['get', 'pods', '-l', 'job-name=parallel', '-o', `jsonpath=${phases}`])
      return text.split('\n').filter((line) => line.endsWith(' Running'))
    }
    const all = await eventually('all run', async () => {
      const found = await pods()
      return found.length === 4 && found
    })
    for (const line of all) await kubectl(['exec', line.split(' ')[0]!, '--', 'touch', '/tmp/go'])
    await complete('parallel')
    const runs = await runsOf('parallel')
    expect(runs).toHaveLength(4)
    expect(Math.max(...runs.map(({ from }) => from))).toBeLessThanOrEqual(
      Math.min(...runs.map(({ to }) => to)),
    )
  })

  it('gives each pod its index', async () => {
    const spec = { completions: 3, parallelism: 3, completionMode: 'Indexed' }
    await apply(job('indexed', { ...spec, template: { spec: running('echo $JOB_COMPLETION_INDEX') } }))
    await complete('indexed')
    const logs = await kubectl(['logs', '-l', 'job-name=indexed'])
    expect(logs.trim().split('\n').sort()).toEqual(['0', '1', '2'])
  })

  it('tries again until it succeeds, and gives up after its back-off limit', async () => {
    await apply(job('hopeless', { backoffLimit: 1, template: { spec: running('exit 3') } }))
    await kubectl(['wait', 'job/hopeless', '--for=condition=Failed', '--timeout=120s'])
    const why = 'jsonpath={.status.failed} {.status.conditions[?(@.type=="Failed")].reason}'
    expect(await kubectl(['get', 'job', 'hopeless', '-o', why])).toBe('2 BackoffLimitExceeded')
  })

  it('in flight when everything is killed succeeds once', async () => {
    await apply(job('flight', { template: { spec: running('sleep 12; echo landed') } }))
    await eventually('it runs', async () => {
      const phases = 'jsonpath={.items[*].status.phase}'
      return (await kubectl(['get', 'pods', '-l', 'job-name=flight', '-o', phases])) === 'Running'
    })
    await cluster.stop('SIGKILL')
    const { dataDirectory } = cluster
    cluster = await startCluster({ args: ['--name', 'batch', '--nodes', '2'], dataDirectory })
    kubectl = kubectlFor(cluster.kubeconfig)
    await complete('flight')
    const counts = 'jsonpath={.status.succeeded},{.status.failed}'
    expect(await kubectl(['get', 'job', 'flight', '-o', counts])).toBe('1,')
    expect(await runsOf('flight')).toHaveLength(1)
    expect(await kubectl(['logs', 'job/flight'])).toBe('landed\n')
  })
})

describe('a CronJob', () => {
  it('runs within a minute', async () => {
    const jobTemplate = { spec: { template: { spec: running('echo on time') } } }
    const spec = { schedule: '* * * * *', jobTemplate }
    await apply({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'minutely' }, spec })
    const jobName = await eventually(
      'it has a Job',
      async () => {
        const names = await kubectl(['get', 'jobs', '-o', 'jsonpath={.items[*].metadata.name}'])
        return names.split(' ').find((name) => name.startsWith('minutely-'))
      },
      180_000,
    )
    await kubectl(['patch', 'cronjob', 'minutely', '-p', '{"spec":{"suspend":true}}'])
    await complete(jobName)
    expect(await kubectl(['logs', `job/${jobName}`])).toBe('on time\n')
    // Upstream names the Job by the minute that it is for.
    const minute = Number(jobName.slice('minutely-'.length))
    expect(Math.abs(minute * 60_000 - Date.now())).toBeLessThan(180_000)
    await eventually('an event tells of it', async () =>
      /SuccessfulCreate\s+\S+\s+cronjob-controller\s+Created job minutely-/.test(
        await kubectl(['describe', 'cronjob', 'minutely']),
      ),
    )
  })
})
