import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Container, ContainerStatus, Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { ensureClusterNetwork } from '../docker/cluster-network.ts'
import { connectDocker } from '../docker/connect.ts'
import { createPersistentVolumes, type PersistentVolumes } from '../docker/persistent-volumes.ts'
import { createDockerRuntime } from '../docker/docker-runtime.ts'
import { label } from '../docker/labels.ts'
import { createNodeNetwork } from '../docker/node-network.ts'
import { startNodeAgent } from '../docker/node-agent.ts'
import { ensureNodeImage } from '../docker/node-image.ts'
import { removeClusterResources } from '../docker/remove-cluster.ts'
import { createKubelet } from '../kubelet.ts'
import type { Kubelet, KubeletOptions } from '../kubelet.ts'
import type { NodeAgent } from '../runtime/node-agent.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { createFakeApi } from './fake-api.ts'
import type { FakeApi } from './fake-api.ts'
import { createFakeNetwork } from './fake-network.ts'
import type { FakeNetwork } from './fake-network.ts'

/** For tests of the kubelet on a real engine: one node with its own network, labelled so that all of it goes at the end. */
export interface DockerWorld extends AsyncDisposable {
  docker: ReturnType<typeof connectDocker>
  api: FakeApi
  /** Makes the storage of persistent volumes, as the provisioner does. */
  persistentVolumes: PersistentVolumes
  network: FakeNetwork
  /** Those of the last `boot`. */
  readonly runtime: Runtime
  readonly kubelet: Kubelet
  boot(): Promise<void>
  /** Ends the kubelet and leaves its containers. */
  shutDown(): Promise<void>
  /** Deletes all pods by force and waits until the engine has none of their containers. */
  removePods(): Promise<void>
  listContainers(uid?: string): Promise<Array<{ Id: string; Names: string[] }>>
  /** Waits until `check` holds; rejects with statuses and events when it does not. */
  eventually(check: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  /** A container of the node image that runs a script. */
  run(name: string, script: string, more?: Partial<Container>): Container
  /** Creates a pod; its uid. */
  create(spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>, name?: string): string
  containerStatus(uid: string): ContainerStatus | undefined
  logsOf(uid: string, container: string, name?: string): Promise<string>
  /** Runs a command in a container; its output. */
  exec(uid: string, container: string, command: string[]): Promise<string>
}

/** Makes the node image, a network and an agent, and boots a kubelet. */
export async function createDockerWorld(
  more: Pick<KubeletOptions, 'settings' | 'seccompDirectory'> = {},
  /** Stands in for some of the agent's calls. */
  withAgent: (agent: NodeAgent) => Partial<NodeAgent> = () => ({}),
): Promise<DockerWorld> {
  const docker = connectDocker()
  const clusterId = `test-${randomUUID().slice(0, 8)}`
  const api = createFakeApi()
  const log = silentLogger
  const clock = systemClock
  const resourcesDirectory = resolve(import.meta.dirname, '../../../resources')
  const image = await ensureNodeImage({ docker, resourcesDirectory, log })
  const { name: networkName, subnet } = await ensureClusterNetwork({ docker, clusterId, log })
  const prefix = `${subnet.split('.').slice(0, 2).join('.')}.1`
  const network = createFakeNetwork(prefix)
  const nodeIp = `${prefix}.1`
  const realAgent = await startNodeAgent({ docker, clusterId, nodeName: 'node-1', image, clock, log })
  const agent = { ...realAgent, ...withAgent(realAgent) }
  let runtime: Runtime
  let kubelet: Kubelet

  const world: DockerWorld = {
    docker,
    api,
    persistentVolumes: createPersistentVolumes({ docker, clusterId, image: () => Promise.resolve(image) }),
    network,
    get runtime() {
      return runtime
    },
    get kubelet() {
      return kubelet
    },
    async boot() {
      runtime = createDockerRuntime({
        docker,
        cluster: { id: clusterId },
        nodeName: 'node-1',
        network: { name: networkName },
        image: () => Promise.resolve(image),
        nodeNetwork: createNodeNetwork({
          docker,
          owner: { clusterId, nodeName: 'node-1' },
          image,
          network: networkName,
          ip: nodeIp,
          setUp: async () => {},
          tearDown: () => undefined,
        }),
        agent,
        clock,
        log,
      })
      kubelet = createKubelet({
        nodeName: 'node-1',
        api,
        pods: api,
        events: api,
        runtime,
        runtimeName: 'docker',
        network,
        nodeInfo: {
          internalIp: nodeIp,
          podCidr: '10.244.0.0/24',
          kubeletVersion: 'v1.36.0',
          maxPods: 110,
          labels: {},
        },
        clusterDomain: 'cluster.local',
        ...more,
        clock,
        log,
      })
      await kubelet.start()
    },
    async shutDown() {
      await kubelet.stop({ containers: 'keep' })
      await runtime.close()
    },
    async removePods() {
      for (const uid of api.pods.keys()) api.requestDeletion(uid, 0, Date.now())
      await world.eventually(async () => (await world.listContainers()).length === 0)
    },
    listContainers(uid) {
      const labels = [`${label.cluster}=${clusterId}`, `${label.podUid}${uid === undefined ? '' : `=${uid}`}`]
      return docker.listContainers({ all: true, filters: { label: labels } })
    },
    async eventually(check, limitMs = 90_000) {
      const end = Date.now() + limitMs
      while (!(await check())) {
        if (Date.now() > end) {
          const statuses = [...api.pods.values()].map(({ status }) => status)
          throw new Error(
            `timed out: ${check}\n${JSON.stringify(statuses, null, 1)}\n${JSON.stringify(api.events)}`,
          )
        }
        await new Promise((done) => setTimeout(done, 20))
      }
    },
    run: (name, script, more = {}) => ({
      name,
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/sh', '-c'],
      args: [script],
      ...more,
    }),
    create(spec, name = 'web') {
      const pod: Pod = {
        metadata: { name, namespace: 'default', labels: { app: 'web' } },
        spec: { nodeName: 'node-1', restartPolicy: 'Always', terminationGracePeriodSeconds: 1, ...spec },
      }
      return api.createPod(pod).metadata.uid!
    },
    containerStatus: (uid) => api.pod(uid)?.status?.containerStatuses?.[0],
    async logsOf(uid, container, name = 'web') {
      const stream = await kubelet.backend.logs(
        { namespace: 'default', name, uid },
        {
          container,
          follow: false,
          previous: false,
          timestamps: false,
          signal: new AbortController().signal,
        },
      )
      return text(stream)
    },
    async exec(uid, container, command) {
      const name = api.pod(uid)?.metadata.name ?? ''
      const target = { namespace: 'default', name, uid }
      const session = await kubelet.backend.exec(target, { container, command, tty: false, stdin: false })
      const [output] = await Promise.all([text(session.stdout), text(session.stderr)])
      return output
    },
    async [Symbol.asyncDispose]() {
      await world.shutDown()
      await agent.close()
      await removeClusterResources(docker, clusterId)
    },
  }
  await world.boot()
  return world
}
