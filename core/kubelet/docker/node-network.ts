import type Docker from 'dockerode'
import { ignoreMissing } from './create-container.ts'
import { label, ownedFilters } from './labels.ts'
import type { Owner } from './labels.ts'
import { sandboxCommand } from './node-image.ts'

/** The value of the type label on the containers that hold nodes' network namespaces. */
export const nodeType = 'node'

export interface NodeNetworkOptions {
  docker: Docker
  owner: Owner
  image: string
  /** Name of the Docker network that pods are on, and the node's address there. */
  network: string
  ip: string
  /** Brings the namespace of process `pid` in order: called for each container that this process has not seen before. */
  setUp(pid: number): Promise<void>
  /** Ends what `setUp` began: the container is gone, and its process id may soon be another's. */
  tearDown(): void
}

/**
 * The network namespace of a node, which pods with hostNetwork share: a container that does nothing and has the node's address.
 * It is made when the first such pod comes, and lives until the node is gone.
 */
export interface NodeNetwork {
  /** The container's id; it runs, and is set up. Rejects when the engine cannot start it. */
  ensure(): Promise<string>
  /** The same for one that is there from an earlier process; undefined where none runs. */
  adopt(): Promise<string | undefined>
  /** Looks whether what was set up still runs, and tears it down otherwise. */
  review(): Promise<void>
  /** Removes the container. */
  remove(): Promise<void>
}

/** See NodeNetwork for what it guarantees. */
export function createNodeNetwork(options: NodeNetworkOptions): NodeNetwork {
  const { docker, owner, image, network, ip } = options
  let last: Promise<unknown> = Promise.resolve()
  let isSetUp = 0

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work, work)
    last = done.catch(() => undefined)
    return done
  }

  async function setUp(id: string): Promise<string> {
    const { Pid: pid } = (await docker.getContainer(id).inspect()).State
    if (pid !== isSetUp) await options.setUp(pid)
    isSetUp = pid
    return id
  }

  function list(): Promise<Docker.ContainerInfo[]> {
    return docker.listContainers({ all: true, filters: ownedFilters(owner, { [label.type]: nodeType }) })
  }

  async function review(): Promise<void> {
    if (isSetUp === 0) return
    const running = (await list()).find(({ State }) => State === 'running')
    const pid = running && (await docker.getContainer(running.Id).inspect()).State.Pid
    if (pid === isSetUp) return
    isSetUp = 0
    options.tearDown()
  }

  async function adopt(): Promise<string | undefined> {
    const running = (await list()).find(({ State }) => State === 'running')
    return running && setUp(running.Id)
  }

  async function remove(): Promise<void> {
    const found = await list()
    await Promise.all(
      found.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true }).catch(ignoreMissing)),
    )
  }

  async function create(): Promise<string> {
    await remove()
    const container = await docker.createContainer({
      name: `wheelhouse_node_${owner.clusterId}_${owner.nodeName}`,
      Image: image,
      Entrypoint: [...sandboxCommand],
      Cmd: [],
      Hostname: owner.nodeName,
      Labels: {
        [label.cluster]: owner.clusterId,
        [label.node]: owner.nodeName,
        [label.type]: nodeType,
      },
      HostConfig: {
        NetworkMode: network,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        // What goes to a host port at 127.0.0.1 leaves for the pod.
        Sysctls: { 'net.ipv4.conf.all.route_localnet': '1' },
        LogConfig: { Type: 'none', Config: {} },
        RestartPolicy: { Name: 'no' },
      },
      NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: ip } } } },
    })
    await container.start()
    return setUp(container.id)
  }

  return {
    ensure: () => inTurn(async () => (await adopt()) ?? create()),
    adopt: () => inTurn(adopt),
    review: () => inTurn(review),
    remove: () => inTurn(remove),
  }
}
