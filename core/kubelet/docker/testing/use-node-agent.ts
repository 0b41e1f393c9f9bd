import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect } from 'vitest'
import { systemClock } from '../../../util/clock.ts'
import { silentLogger } from '../../../util/logger.ts'
import { connectDocker } from '../connect.ts'
import { label } from '../labels.ts'
import { startNodeAgent } from '../node-agent.ts'
import type { DockerNodeAgent } from '../node-agent.ts'
import { ensureNodeImage } from '../node-image.ts'
import { removeClusterResources } from '../remove-cluster.ts'

export const docker = connectDocker()

export const clusterId = `agenttest-${randomBytes(4).toString('hex')}`

export const log = silentLogger

/** A node agent with the network namespace of one sandbox, for a file; both are removed at the end. */
export function useNodeAgent() {
  let image: string
  let agent: DockerNodeAgent
  let sandboxId: string
  let pid: number

  beforeAll(async () => {
    image = await ensureNodeImage({
      docker,
      resourcesDirectory: join(import.meta.dirname, '../../../../resources'),
      log,
    })
    agent = await start()
    const sandbox = await docker.createContainer({
      Image: image,
      Labels: { [label.cluster]: clusterId },
      HostConfig: { CapDrop: ['ALL'], Tmpfs: { '/volume': '' } },
    })
    await sandbox.start()
    sandboxId = sandbox.id
    pid = (await sandbox.inspect()).State.Pid
  })

  afterAll(async () => {
    await agent.close()
    await removeClusterResources(docker, clusterId)
  })

  function start(): Promise<DockerNodeAgent> {
    return startNodeAgent({ docker, clusterId, nodeName: 'node-1', image, clock: systemClock, log })
  }

  async function agentContainers() {
    return docker.listContainers({
      all: true,
      filters: { label: [`${label.cluster}=${clusterId}`, `${label.type}=agent`] },
    })
  }

  /** Runs a command in the sandbox and gives back what it printed. */
  async function inSandbox(command: string): Promise<string> {
    const exec = await docker.getContainer(sandboxId).exec({
      Cmd: ['sh', '-c', command],
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    })
    const output = await exec.start({ hijack: true, Tty: true })
    let text = ''
    for await (const chunk of output) text += String(chunk)
    return text.replaceAll('\r\n', '\n')
  }

  /** Runs a server in the sandbox until the test ends. */
  async function serve(port: number, program: string): Promise<void> {
    const exec = await docker.getContainer(sandboxId).exec({
      Cmd: ['sh', '-c', `exec nc -ll -p ${port} -e sh -c '${program}'`],
    })
    await exec.start({ Detach: true })
    await until(() => inSandbox(`netstat -ltn | grep -q :${port} && echo yes`))
  }

  async function until(check: () => Promise<string>): Promise<void> {
    await expect.poll(check, { timeout: 90_000 }).toContain('yes')
  }

  async function collect(stream: Duplex): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }

  return {
    get image() {
      return image
    },
    get agent() {
      return agent
    },
    get sandboxId() {
      return sandboxId
    },
    get pid() {
      return pid
    },
    start,
    agentContainers,
    inSandbox,
    serve,
    until,
    collect,
  }
}
