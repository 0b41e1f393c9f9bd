import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../core/api/generated/core-v1.ts'
import type { EndpointSlice } from '../../core/api/generated/discovery-v1.ts'
import type { ServiceCIDR } from '../../core/api/generated/networking-v1.ts'
import { ensureClusterNetwork, nodePodRange } from '../../core/kubelet/docker/cluster-network.ts'
import type { ClusterNetwork } from '../../core/kubelet/docker/cluster-network.ts'
import { connectDocker } from '../../core/kubelet/docker/connect.ts'
import { startNodeAgent } from '../../core/kubelet/docker/node-agent.ts'
import type { DockerNodeAgent } from '../../core/kubelet/docker/node-agent.ts'
import { ensureNodeImage } from '../../core/kubelet/docker/node-image.ts'
import { clusterLabel, removeClusterResources } from '../../core/kubelet/docker/remove-cluster.ts'
import type { PodNetwork } from '../../core/kubelet/pod-network.ts'
import { createDnsServer } from '../../core/network/dns/dns-server.ts'
import type { DnsServer } from '../../core/network/dns/dns-server.ts'
import { hostAddress } from '../../core/network/host-address.ts'
import { MemorySource } from '../../core/network/memory-source.ts'
import { createHostPortIndex } from '../../core/network/host-ports/host-port-index.ts'
import { createHostEntries } from '../../core/network/host-entries.ts'
import { createPodNetwork } from '../../core/network/pod-network.ts'
import { createPolicyIndex } from '../../core/network/policy/policy-index.ts'
import { makeService, makeSlice } from '../../core/network/service-fixtures.ts'
import { createServiceRanges } from '../../core/network/service-ranges.ts'
import { createServiceIndex } from '../../core/network/service-index.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'
import { eventually } from '../harness/eventually.ts'

const docker = connectDocker()
const clusterId = `nettest-${randomBytes(4).toString('hex')}`
const log = silentLogger
const clock = systemClock

interface TestPod {
  name: string
  id: string
  ip: string
}

/** Pods are sandboxes with rules, as the kubelet makes them; what they run is started in the sandbox itself. */
describe('Services and DNS inside pods', () => {
  const services = new MemorySource<Service>()
  const slices = new MemorySource<EndpointSlice>()
  const serviceCidrs = new MemorySource<ServiceCIDR>()
  const index = createServiceIndex({ services, endpointSlices: slices })
  const cleanups: Array<() => Promise<unknown>> = []
  let image: string
  let cluster: ClusterNetwork
  let agent: DockerNodeAgent
  let dns: DnsServer
  let apiServer: Server
  let network: PodNetwork
  let one: TestPod
  let two: TestPod
  let client: TestPod

  beforeAll(async () => {
    image = await ensureNodeImage({
      docker,
      resourcesDirectory: join(import.meta.dirname, '../../resources'),
      log,
    })
    cluster = await ensureClusterNetwork({ docker, clusterId, log })
    agent = await startNodeAgent({ docker, clusterId, nodeName: 'node-1', image, clock, log })
    cleanups.push(() => agent.close())
    const host = await hostAddress({ gateway: cluster.gateway })
    if ('unreachable' in host) throw new Error(host.unreachable)
    dns = await createDnsServer({
      services: index,
      clusterDomain: 'cluster.local',
      upstreams: () => [],
      listen: { address: host.listen, port: 0 },
      clock,
      log,
    })
    cleanups.push(() => dns.close())
    apiServer = createServer((socket) => socket.end('api\n'))
    await new Promise<void>((resolve) => apiServer.listen(0, host.listen, resolve))
    cleanups.push(() => new Promise((resolve) => apiServer.close(resolve)))
    network = createPodNetwork({
      hostEntries: createHostEntries(),
      hostPorts: createHostPortIndex(new MemorySource()),
      node: { name: 'node-1', podCidr: nodePodRange(cluster.subnet, 1) },
      services: index,
      policies: createPolicyIndex({
        policies: new MemorySource(),
        pods: new MemorySource(),
        namespaces: new MemorySource(),
      }),
      nodeAddresses: [cluster.gateway],
      rules: agent,
      dns: { clusterIp: '10.96.0.10', domain: 'cluster.local', target: dns.address },
      apiServer: {
        clusterIp: '10.96.0.1',
        target: { ip: host.reach, port: (apiServer.address() as AddressInfo).port },
      },
      serviceRanges: createServiceRanges(serviceCidrs, '10.96.0.0/16'),
      hostResolvers: () => ({ nameservers: [], searches: [], options: [] }),
      clock,
      log,
    })
    ;[one, two, client] = await Promise.all([makePod('one'), makePod('two'), makePod('client')])
    await Promise.all([one, two].map(serve))
  })

  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
    await removeClusterResources(docker, clusterId)
  })

  async function makePod(name: string): Promise<TestPod> {
    const pod = { metadata: { name, namespace: 'default', uid: name }, spec: { containers: [] } }
    const ip = await network.allocate(pod)
    const sandbox = await docker.createContainer({
      Image: image,
      Labels: { [clusterLabel]: clusterId },
      HostConfig: { CapDrop: ['ALL'], NetworkMode: cluster.name },
      NetworkingConfig: { EndpointsConfig: { [cluster.name]: { IPAMConfig: { IPv4Address: ip } } } },
    })
    await sandbox.start()
    const pid = (await sandbox.inspect()).State.Pid
    await network.setUp({ podUid: name, namespace: 'default', name, labels: {}, ip, pid })
    await agent.overwriteFile(pid, '/etc/resolv.conf', Buffer.from(network.resolvConf(pod)))
    return { name, id: sandbox.id, ip }
  }

  /** TCP port 8080 answers with the pod's name. */
  async function serve(pod: TestPod): Promise<void> {
    const exec = await docker.getContainer(pod.id).exec({
      Cmd: ['nc', '-ll', '-p', '8080', '-e', 'echo', pod.name],
    })
    await exec.start({ Detach: true })
    await eventually('the server listens', async () => (await inPod(pod, 'netstat -ltn')).includes(':8080 '))
  }

  async function inPod(pod: TestPod, command: string): Promise<string> {
    const exec = await docker.getContainer(pod.id).exec({
      Cmd: ['sh', '-c', command],
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    })
    const output = await exec.start({ hijack: true, Tty: true })
    let text = ''
    for await (const chunk of output) text += String(chunk)
    return text.replaceAll('\r\n', '\n').trim()
  }

  function callTimes(count: number, address: string): string {
    return `for i in $(seq ${count}); do nc -w 10 ${address} </dev/null; done`
  }

  it('balances connections to a cluster IP over its endpoints', async () => {
    services.put(makeService('web', { clusterIP: '10.96.0.20' }))
    slices.put(makeSlice('web', [one.ip, two.ip]))
    await eventually('both answer', async () => {
      const answers = (await inPod(client, callTimes(40, '10.96.0.20 80'))).split('\n')
      const ones = answers.filter((line) => line === 'one').length
      const twos = answers.filter((line) => line === 'two').length
      return ones + twos === 40 && ones > 5 && twos > 5
    })
  })

  it('lets a pod reach itself through its Service', async () => {
    services.put(makeService('self', { clusterIP: '10.96.0.21' }))
    slices.put(makeSlice('self', [one.ip]))
    await eventually('it answers itself', async () => {
      return (await inPod(one, callTimes(1, '10.96.0.21 80'))) === 'one'
    })
  })

  it('follows a change of endpoints', async () => {
    slices.put(makeSlice('web', [one.ip]))
    await eventually('only one answers', async () => {
      const answers = await inPod(client, callTimes(10, '10.96.0.20 80'))
      return answers === Array(10).fill('one').join('\n')
    })
  })

  it('refuses connections to a Service without endpoints, and to ports it does not have', async () => {
    slices.put(makeSlice('web', []))
    await eventually('refused', async () => {
      return (await inPod(client, callTimes(1, '10.96.0.20 80'))).includes('Connection refused')
    })
    expect(await inPod(client, callTimes(1, '10.96.0.21 81'))).toContain('Connection refused')
  })

  it('leads to Services with an address of a ServiceCIDR that was added, and refuses the others there', async () => {
    serviceCidrs.put({ metadata: { name: 'more' }, spec: { cidrs: ['10.201.0.0/24', '10.201.0.0/28'] } })
    services.put(makeService('added', { clusterIP: '10.201.0.5' }))
    slices.put(makeSlice('added', [one.ip]))
    await eventually('it answers', async () => {
      return (await inPod(client, callTimes(1, '10.201.0.5 80'))) === 'one'
    })
    expect(await inPod(client, callTimes(1, '10.201.0.6 80'))).toContain('Connection refused')
    expect(await inPod(client, callTimes(1, '10.96.0.21 81'))).toContain('Connection refused')
  })

  it('leaves what is not a Service alone', async () => {
    expect(await inPod(client, callTimes(1, `${two.ip} 8080`))).toBe('two')
  })

  it('keeps a pod at one endpoint with session affinity, until its time is over or the endpoint is gone', async () => {
    const timeoutSeconds = 5
    services.put(
      makeService('sticky', {
        clusterIP: '10.96.0.22',
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds } },
      }),
    )
    slices.put(makeSlice('sticky', [one.ip, two.ip]))
    const call = async (times = 1): Promise<string[]> => [
      ...new Set((await inPod(client, callTimes(times, '10.96.0.22 80'))).split('\n')),
    ]
    let [kept] = await eventually('it answers', async () => {
      const answers = await call()
      return /^(one|two)$/.test(answers.join()) ? answers : undefined
    })
    expect(await call(12)).toEqual([kept])

    const remembered = (): Promise<string> =>
      inNetworkOf(client, ['nft', 'list', 'map', 'ip', 'wheelhouse', 'affinity'])
    await eventually('it is remembered for that time', async () => {
      await call()
      return (await remembered()).includes(`. 80 timeout ${timeoutSeconds}s`)
    })
    // Each time it is forgotten the other one is drawn in one of two cases.
    await eventually(
      'the other answers',
      async () => {
        await eventually('forgotten', async () => !(await remembered()).includes('10.96.0.22'))
        return !(await call()).includes(kept!)
      },
      120_000,
    )

    ;[kept] = await call()
    const [left, stays] = kept === 'one' ? [one, two] : [two, one]
    slices.put(makeSlice('sticky', [stays.ip]))
    await eventually('a gone endpoint is left', async () => (await call(4)).join() === stays.name)
    slices.put(makeSlice('sticky', [stays.ip, left.ip]))
    expect(await call(12)).toEqual([stays.name])
  })

  it('gives a pod that starts later all rules before it runs', async () => {
    const late = await makePod('late')
    expect(await inPod(late, callTimes(1, '10.96.0.21 80'))).toBe('one')
  })

  it('reaches the API server at its cluster IP', async () => {
    expect(await inPod(client, callTimes(1, '10.96.0.1 443'))).toBe('api')
  })

  it('resolves names through the DNS Service by the search path, over UDP and TCP', async () => {
    expect(await inPod(client, 'cat /etc/resolv.conf')).toContain('nameserver 10.96.0.10')
    expect(await inPod(client, 'nslookup self.default.svc.cluster.local')).toContain('Address: 10.96.0.21')
    expect(await inPod(client, 'ping -c 1 -w 1 self 2>&1 | head -1')).toContain('self (10.96.0.21)')
    // A DNS question for self.default.svc.cluster.local with its length in front, as TCP has it.
    const query =
      '\\000\\060\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000' +
      '\\004self\\007default\\003svc\\007cluster\\005local\\000\\000\\001\\000\\001'
    expect(await inPod(client, `printf '${query}' | nc -w 2 10.96.0.10 53 | tail -c 4 | xxd -p`)).toBe(
      '0a600015',
    )
  })

  it('forgets UDP connections to an endpoint that is gone', async () => {
    const port = { name: '', port: dns.address.port, protocol: 'UDP' }
    services.put(makeService('udp', { clusterIP: '10.96.0.23', ports: [{ port: 53, protocol: 'UDP' }] }))
    slices.put(makeSlice('udp', [dns.address.ip], [port]))
    await eventually('it answers', async () => {
      const answer = await inPod(client, 'nslookup self.default.svc.cluster.local 10.96.0.23')
      return answer.includes('Address: 10.96.0.21')
    })
    expect(await udpConnections()).toContain('dst=10.96.0.23')
    slices.put(makeSlice('udp', [one.ip], [port]))
    await eventually('forgotten', async () => !(await udpConnections()).includes('dst=10.96.0.23'))
  })

  /** What the kernel tracks in the client's network namespace. */
  function udpConnections(): Promise<string> {
    return inNetworkOf(client, ['conntrack', '-L', '-p', 'udp'])
  }

  /** What a command prints that may look at everything in the pod's network namespace. */
  async function inNetworkOf(pod: TestPod, command: string[]): Promise<string> {
    const container = await docker.createContainer({
      Image: image,
      Cmd: command,
      Tty: true,
      Labels: { [clusterLabel]: clusterId },
      HostConfig: { NetworkMode: `container:${pod.id}`, CapAdd: ['NET_ADMIN'] },
    })
    await container.start()
    await container.wait()
    const output = (await container.logs({ stdout: true, stderr: true })).toString('utf8')
    await container.remove()
    return output
  }
})
