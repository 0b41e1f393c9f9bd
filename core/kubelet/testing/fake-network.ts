import type { PodNetwork } from '../pod-network.ts'

/** For tests of the kubelet: addresses from one range, and a record of what was asked. */
export interface FakeNetwork extends PodNetwork {
  addresses: Map<string, string>
  setUps: string[]
}

/** A pod network that only keeps books. */
export function createFakeNetwork(prefix = '10.244.0'): FakeNetwork {
  let last = 1
  const network: FakeNetwork = {
    addresses: new Map(),
    setUps: [],
    async allocate(pod) {
      const uid = pod.metadata.uid ?? ''
      const ip = network.addresses.get(uid) ?? `${prefix}.${++last}`
      network.addresses.set(uid, ip)
      return ip
    },
    adopt: (uid, ip) => void network.addresses.set(uid, ip),
    async setUp(sandbox) {
      network.setUps.push(sandbox.podUid)
    },
    async tearDown() {},
    release: (uid) => void network.addresses.delete(uid),
    resolvConf: () => 'nameserver 10.96.0.10\nsearch default.svc.cluster.local\n',
    serviceEnvironment: () => ['KUBERNETES_SERVICE_HOST=10.96.0.1'],
  }
  return network
}
