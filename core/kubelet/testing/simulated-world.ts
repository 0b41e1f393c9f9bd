import type { Container, Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createKubelet } from '../kubelet.ts'
import type { Kubelet, KubeletOptions } from '../kubelet.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { createSimulatedRuntime } from '../simulated/simulated-runtime.ts'
import type { SimulatedRuntime } from '../simulated/simulated-runtime.ts'
import { createFakeApi } from './fake-api.ts'
import type { FakeApi } from './fake-api.ts'
import { createFakeNetwork } from './fake-network.ts'
import type { FakeNetwork } from './fake-network.ts'

/** For tests of the kubelet: one node on the simulated runtime with a clock that stands still until it is moved. */
export interface SimulatedWorld extends AsyncDisposable {
  clock: FakeClock
  runtime: SimulatedRuntime
  api: FakeApi
  network: FakeNetwork
  /** Names of the volumes that were brought up to date. */
  writtenVolumes: string[]
  boot(): Promise<Kubelet>
  /**
   * Lets time go by in small steps until `check` holds; rejects with statuses and events when it does not. What waits for real
   * work (files, sockets) gets real time too, whatever the limit of the fake clock's.
   */
  eventually(check: () => boolean, limitMs?: number): Promise<void>
  /** Reasons of all events so far. */
  reasons(): string[]
}

/** How long in real time `eventually` waits at least. */
const realWaitMs = 10_000

/** A world without pods; `overrides` replaces parts of the runtime. */
export function createSimulatedWorld(
  overrides: Partial<Runtime> = {},
  more: Partial<
    Pick<
      KubeletOptions,
      'staticPods' | 'pulledImagesFile' | 'logArchive' | 'settings' | 'runtimeName' | 'metrics'
    >
  > = {},
): SimulatedWorld {
  const started: Kubelet[] = []
  const clock = new FakeClock()
  const writtenVolumes: string[] = []
  const runtime: SimulatedRuntime = {
    ...createSimulatedRuntime({ clock }),
    writeVolume: async (_sandboxId: string, volume: string) => void writtenVolumes.push(volume),
    ...overrides,
  }
  const api = createFakeApi(() => clock.now())
  const network = createFakeNetwork()
  const boot = async (): Promise<Kubelet> => {
    const kubelet = createKubelet({
      nodeName: 'node-1',
      api,
      pods: api,
      events: api,
      runtime,
      runtimeName: 'simulated',
      network,
      nodeInfo: {
        internalIp: '172.20.0.2',
        podCidr: '10.244.0.0/24',
        kubeletVersion: 'v1.36.0',
        maxPods: 110,
        labels: {},
      },
      clusterDomain: 'cluster.local',
      ...more,
      clock,
      log: silentLogger,
    })
    started.push(kubelet)
    await kubelet.start()
    return kubelet
  }
  const eventually = async (check: () => boolean, limitMs = 20_000): Promise<void> => {
    const begun = performance.now()
    for (let passed = 0; passed <= limitMs || performance.now() - begun < realWaitMs; passed += 50) {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      if (passed > limitMs) await new Promise((resolve) => setTimeout(resolve, 5))
      if (check()) return
      await clock.advance(50)
    }
    throw new Error(
      `did not come true within ${limitMs} ms: ${check}\n${JSON.stringify(
        [...api.pods.values()].map(({ status }) => status),
        null,
        1,
      )}\n${JSON.stringify(api.events)}`,
    )
  }
  const reasons = (): string[] => api.events.map(({ reason }) => reason)
  return {
    clock,
    runtime,
    api,
    network,
    boot,
    eventually,
    reasons,
    writtenVolumes,
    async [Symbol.asyncDispose]() {
      await Promise.all(started.splice(0).map((kubelet) => kubelet.stop({ containers: 'keep' })))
    },
  }
}

/** A pod of the node, scheduled a moment ago. */
export function testPod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec: { nodeName: 'node-1', restartPolicy: 'Always', containers: [testContainer('app')], ...spec },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
  }
}

/** A container whose image is there. */
export function testContainer(name: string, more: Partial<Container> = {}): Container {
  return { name, image: 'nginx:1', imagePullPolicy: 'IfNotPresent', ...more }
}
