import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientBinary, run } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

let cluster: RunningCluster
const start = (dataDirectory?: string): Promise<RunningCluster> =>
  startCluster({
    args: ['--runtime', 'simulated', '--nodes', '1', '--name', 'addresses'],
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
  })
beforeAll(async () => {
  cluster = await start()
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

async function kubectl(command: string, stdin?: string): Promise<string> {
  const args = [...command.split(' '), '--kubeconfig', cluster.kubeconfig]
  const { stdout, stderr } = await run(clientBinary('kubectl'), args, stdin === undefined ? {} : { stdin })
  return (stdout + stderr).trim()
}
/** Lines without the ages at their ends, columns apart by one space. */
const table = (text: string): string[] =>
  text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replace(/ \d+[smh]\S*$/, ''))

const moreCidr = `
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: { name: more }
spec: { cidrs: [10.201.0.0/24] }
`

it('shows addresses and ranges as upstream does', async () => {
  expect(table(await kubectl('get ipaddresses'))).toEqual([
    'NAME PARENTREF',
    '10.96.0.1 services/default/kubernetes',
    '10.96.0.10 services/kube-system/kube-dns',
  ])
  expect(table(await kubectl('get servicecidrs'))).toEqual(['NAME CIDRS AGE', 'kubernetes 10.96.0.0/16'])
  const waited = await kubectl('wait servicecidr/kubernetes --for=condition=Ready')
  expect(waited).toBe('servicecidr.networking.k8s.io/kubernetes condition met')
})

it('extends the range by a ServiceCIDR, and holds it while a Service needs it', async () => {
  expect(await kubectl('create service clusterip web --tcp=80 --clusterip=10.201.0.7')).toContain(
    'failed to allocate IP 10.201.0.7: the provided network does not match the current range',
  )
  await kubectl('apply -f -', moreCidr)
  expect(await kubectl('create service clusterip web --tcp=80 --clusterip=10.201.0.7')).toBe(
    'service/web created',
  )
  expect(await kubectl('create service clusterip other --tcp=80 --clusterip=10.201.0.7')).toContain(
    'failed to allocate IP 10.201.0.7: provided IP is already allocated',
  )
  await kubectl('wait servicecidr/more --for=condition=Ready')
  await kubectl('delete servicecidr more --wait=false')
  await eventually('the deletion is held', async () =>
    (await kubectl('describe servicecidr more')).includes(
      'There are still IPAddresses referencing the ServiceCIDR',
    ),
  )
})

it('is the same after a kill, and frees what a Service had', async () => {
  const before = table(await kubectl('get ipaddresses'))
  await cluster.stop('SIGKILL')
  cluster = await start(cluster.dataDirectory)
  expect(table(await kubectl('get ipaddresses'))).toEqual(before)
  await kubectl('delete service web')
  expect(table(await kubectl('get ipaddresses'))).toHaveLength(before.length - 1)
  expect(await kubectl('wait servicecidr/more --for=delete --timeout=60s')).not.toContain('timed out')
  expect(await kubectl('get events -A --field-selector type=Warning')).not.toContain('ClusterIP')
})
