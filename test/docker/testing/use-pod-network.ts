import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Service } from '../../../core/api/generated/core-v1.ts'
import type { EndpointSlice } from '../../../core/api/generated/discovery-v1.ts'
import type { ServiceCIDR } from '../../../core/api/generated/networking-v1.ts'
import { ensureClusterNetwork, nodePodRange } from '../../../core/kubelet/docker/cluster-network.ts'
import type { ClusterNetwork } from '../../../core/kubelet/docker/cluster-network.ts'
import { connectDocker } from '../../../core/kubelet/docker/connect.ts'
import { startNodeAgent } from '../../../core/kubelet/docker/node-agent.ts'
import type { DockerNodeAgent } from '../../../core/kubelet/docker/node-agent.ts'
import { ensureNodeImage } from '../../../core/kubelet/docker/node-image.ts'
import { clusterLabel, removeClusterResources } from '../../../core/kubelet/docker/remove-cluster.ts'
import type { PodNetwork } from '../../../core/kubelet/pod-network.ts'
import { createDnsServer } from '../../../core/network/dns/dns-server.ts'
import type { DnsServer } from '../../../core/network/dns/dns-server.ts'
import { hostAddress } from '../../../core/network/host-address.ts'
import { MemorySource } from '../../../core/network/memory-source.ts'
import { createHostPortIndex } from '../../../core/network/host-ports/host-port-index.ts'
import { createHostEntries } from '../../../core/network/host-entries.ts'
import { createPodNetwork } from '../../../core/network/pod-network.ts'
import { createPolicyIndex } from '../../../core/network/policy/policy-index.ts'
import { createServiceRanges } from '../../../core/network/service-ranges.ts'
import { createServiceIndex } from '../../../core/network/service-index.ts'
import { systemClock } from '../../../core/util/clock.ts'
import { silentLogger } from '../../../core/util/logger.ts'
import { eventually } from '../../harness/eventually.ts'

const docker = connectDocker()

const clusterId = `nettest-${randomBytes(4).toString('hex')}`

const log = silentLogger

const clock = systemClock

interface TestPod {
  name: string
  id: string
  ip: string
}

/** Pods on a Docker network with Services and DNS, for a file; all of it is removed at the end. */
export function usePodNetwork() {
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
      resourcesDirectory: join(import.meta.dirname, '../../../resources'),
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

  return {
    get dns() {
      return dns
    },
    get one() {
      return one
    },
    get two() {
      return two
    },
    get client() {
      return client
    },
    services,
    slices,
    serviceCidrs,
    makePod,
    inPod,
    callTimes,
    udpConnections,
    inNetworkOf,
  }
}
