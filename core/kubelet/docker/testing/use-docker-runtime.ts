import { randomInt, randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../../util/clock.ts'
import { silentLogger } from '../../../util/logger.ts'
import { createNodeNetwork } from '../node-network.ts'
import type { NodeAgent } from '../../runtime/node-agent.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { ContainerSpec, SandboxSpec } from '../../runtime/specs.ts'
import { connectDocker } from '../connect.ts'
import { createDockerRuntime } from '../docker-runtime.ts'
import { label } from '../labels.ts'
import { ensureNodeImage } from '../node-image.ts'
import { removeClusterResources } from '../remove-cluster.ts'

const docker = connectDocker()

const clusterId = `test-${randomUUID().slice(0, 8)}`

const network = `wh-${clusterId}`

const owner = { clusterId, nodeName: 'node-1' }

/** A runtime over Docker for a file; what it made is removed at the end. */
export function useDockerRuntime() {
  let image = ''
  let runtime: Runtime

  function open(): Runtime {
    return createDockerRuntime({
      docker,
      cluster: { id: clusterId },
      nodeName: owner.nodeName,
      network: { name: network },
      image: () => Promise.resolve(image),
      nodeNetwork: createNodeNetwork({
        docker,
        owner,
        image,
        network,
        ip: `${prefix}.1`,
        setUp: async () => {},
        tearDown: () => undefined,
      }),
      agent,
      clock: systemClock,
      log: silentLogger,
    })
  }
  let lastAddress = 9

  function sandboxSpec(overrides: Partial<SandboxSpec> = {}): SandboxSpec {
    return {
      pod: { uid: randomUUID(), name: 'web', namespace: 'default' },
      attempt: 0,
      hostname: 'web',
      ip: `${prefix}.${++lastAddress}`,
      hostNetwork: false,
      hostPid: false,
      hostIpc: false,
      resolvConf: 'nameserver 10.96.0.10\n',
      hostsFile: '127.0.0.1\tlocalhost\n',
      labels: {},
      annotations: {},
      volumes: [],
      ...overrides,
    }
  }

  async function runToEnd(spec: ContainerSpec): Promise<string> {
    const id = await runtime.createContainer(spec)
    await runtime.startContainer(id)
    await docker.getContainer(id).wait()
    return id
  }

  function readLogs(id: string, options: Partial<Parameters<Runtime['logs']>[1]> = {}): Promise<Readable> {
    return runtime.logs(id, {
      follow: false,
      timestamps: false,
      signal: new AbortController().signal,
      ...options,
    })
  }

  beforeAll(async () => {
    image = await ensureNodeImage({
      docker,
      resourcesDirectory: resolve(import.meta.dirname, '../../../../resources'),
      log: silentLogger,
    })
    await docker.createNetwork({
      Name: network,
      IPAM: { Driver: 'default', Config: [{ Subnet: `${prefix}.0/24` }] },
      Labels: { [label.cluster]: clusterId },
    })
    runtime = open()
  })

  afterAll(async () => {
    await runtime.close()
    await removeClusterResources(docker, clusterId)
  })

  function containerSpec(sandbox: { id: string; pod: SandboxSpec['pod'] }, script: string): ContainerSpec {
    return {
      pod: sandbox.pod,
      sandboxId: sandbox.id,
      name: 'app',
      attempt: 0,
      image: image,
      command: ['/bin/sh', '-c'],
      args: [script],
      env: ['GREETING=hello'],
      tty: false,
      stdin: false,
      mounts: [],
      privileged: false,
      readOnlyRootFilesystem: false,
      noNewPrivileges: false,
      specHash: 'a1',
      labels: {},
    }
  }

  return {
    get image() {
      return image
    },
    get runtime() {
      return runtime
    },
    open,
    sandboxSpec,
    containerSpec,
    runToEnd,
    readLogs,
  }
}

/** Enters by docker exec what the real agent enters by nsenter; the agent has tests of its own. */
const agent: NodeAgent = {
  applyRules: () => Promise.resolve(),
  writeFiles: () => Promise.resolve(),
  writePayloads: () => Promise.resolve(),
  setGroups: () => Promise.resolve(),
  resolveSubPaths: (_pid, subPaths) => Promise.resolve(subPaths.map(({ root, path }) => `${root}/${path}`)),
  readFile: () => Promise.resolve(undefined),
  measure: () => Promise.resolve(new Map()),
  hostFacts: () => Promise.resolve({}),
  logBytes: () => Promise.resolve(new Map()),
  measureUsage: () => Promise.resolve(undefined),
  limitGroup: () => Promise.resolve(),
  removeGroup: () => Promise.resolve(),
  overwriteFile: () => Promise.resolve(),
  dial: () => Promise.reject(new Error('no agent in this test')),
  close: () => Promise.resolve(),
}

/** Beside what clusters take; by chance, so that another run of this test may go on at the same time. */
const prefix = `10.199.${randomInt(256)}`
