import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { ensureClusterNetwork, nodePodRange } from './cluster-network.ts'
import { connectDocker } from './connect.ts'
import { label } from './labels.ts'
import { startNodeAgent } from './node-agent.ts'
import type { DockerNodeAgent } from './node-agent.ts'
import { ensureNodeImage } from './node-image.ts'
import { podGroup } from './pod-group.ts'
import { removeClusterResources } from './remove-cluster.ts'

const docker = connectDocker()
const clusterId = `agenttest-${randomBytes(4).toString('hex')}`
const log = silentLogger

describe('node image, cluster network and node agent', () => {
  let image: string
  let agent: DockerNodeAgent
  let sandboxId: string
  let pid: number

  beforeAll(async () => {
    image = await ensureNodeImage({
      docker,
      resourcesDirectory: join(import.meta.dirname, '../../../resources'),
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

  it('has a small image whose command ends at once and leaves no zombies', async () => {
    const { Size, Config } = await docker.getImage(image).inspect()
    expect(Size).toBeLessThan(15_000_000)
    expect(Config.Cmd).toEqual(['/sbin/pause'])
    const container = await docker.createContainer({
      Image: image,
      Labels: { [label.cluster]: clusterId },
      HostConfig: { CapDrop: ['ALL'] },
    })
    await container.start()
    const exec = await container.exec({ Cmd: ['sh', '-c', '(sleep 0.01 &)'], AttachStdout: true })
    await collect(await exec.start({ hijack: true, stdin: false }))
    await container.stop({ t: 30 })
    // It would be 137 had the engine lost its patience.
    expect((await container.inspect()).State.ExitCode).toBe(0)
  })

  it('keeps its network and gives each node a range of it', async () => {
    const network = await ensureClusterNetwork({ docker, clusterId, log })
    expect(network.subnet).toMatch(/^10\.2\d\d\.0\.0\/16$/)
    expect(network.gateway).toBe(network.subnet.replace('0.0/16', '0.1'))
    expect(await ensureClusterNetwork({ docker, clusterId, log })).toEqual(network)
    expect(nodePodRange('10.244.0.0/16', 3)).toBe('10.244.3.0/24')
    const other = `${clusterId}-other`
    try {
      const second = await ensureClusterNetwork({
        docker,
        clusterId: other,
        wantedSubnet: network.subnet,
        log,
      })
      expect(second.subnet).not.toBe(network.subnet)
    } finally {
      await removeClusterResources(docker, other)
    }
  })

  it('applies rules in the namespace of a process, many at once, and reports what nft says', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => agent.applyRules(pid, `add table ip t${index}\n`)),
    )
    await agent.applyRules(
      pid,
      `${Array.from({ length: 19 }, (_, i) => `delete table ip t${i}`).join('\n')}\n`,
    )
    await expect(agent.applyRules(pid, 'add rule ip t19 nowhere accept\n')).rejects.toThrow(
      'No such file or directory',
    )
    await expect(agent.applyRules(1, 'add table ip t\n')).rejects.toThrow('process id 1')
    // The init process of the host has rights the agent lacks; so has this one.
    await expect(agent.applyRules(process.pid, 'add table ip t\n')).rejects.toThrow('Permission denied')
  })

  it('leaves no ended processes behind, however many calls there were', async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 20 }, () => agent.applyRules(pid, 'add table ip again\n')))
    }
    const [container] = await agentContainers()
    const processes = async (): Promise<number> => {
      const top = (await docker.getContainer(container?.Id ?? '').top()) as { Processes: string[][] }
      return top.Processes.length
    }
    await expect.poll(processes).toBeLessThan(40)
  })

  it('keeps one nft for each namespace while its rules change, which fails as any other', async () => {
    const kept = async (): Promise<number> => {
      const [container] = await agentContainers()
      const top = await docker.getContainer(container?.Id ?? '').top({ ps_args: '-eo pid,args' })
      return (top as { Processes: string[][] }).Processes.filter(([, args]) => args === 'nft -i').length
    }
    await agent.applyRules(pid, 'add table ip kept\n')
    for (let round = 0; round < 5; round++) {
      const chain = `ip kept chain-${round}`
      await agent.applyRules(pid, `add chain ${chain}\nadd rule ${chain} accept\n`)
    }
    await expect.poll(kept).toBe(1)
    const half = 'add chain ip kept half\nadd rule ip kept nowhere accept\n'
    await expect(agent.applyRules(pid, half)).rejects.toThrow('No such file or directory')
    // All that was whole is there, and nothing of the others.
    await agent.applyRules(pid, 'delete chain ip kept chain-0\ndelete chain ip kept chain-4\n')
    await expect(agent.applyRules(pid, 'delete chain ip kept half\n')).rejects.toThrow('No such file')
    await agent.applyRules(pid, 'add chain ip kept last\n')
    agent.leaveRules(pid)
    await expect.poll(kept).toBe(0)
    await agent.applyRules(pid, 'delete table ip kept\n')
  })

  it('forgets flows, also when there are none', async () => {
    await agent.forgetFlows(pid, [{ clusterIp: '10.96.0.10', port: 53, endpointIp: '10.244.1.2' }])
  })

  it('writes files of any content, with their modes, in folders', async () => {
    const content = randomBytes(1_000_000)
    await agent.writeFiles(pid, '/volume', [
      { path: 'plain', content: Buffer.from('END\nEND_\n'), mode: 0o644 },
      { path: "a/b/it's binary", content, mode: 0o400 },
      { path: 'empty', content: new Uint8Array(), mode: 0o600 },
    ])
    await agent.writeFiles(pid, '/volume', [{ path: 'plain', content: Buffer.from('second'), mode: 0o600 }])
    const hash = createHash('sha256').update(content).digest('hex')
    expect(
      await inSandbox(
        'cd /volume; cat plain; echo; sha256sum a/b/*; find . -type f | sort; stat -c %a plain a/b/*',
      ),
    ).toBe(`second\n${hash}  a/b/it's binary\n./a/b/it's binary\n./empty\n./plain\n600\n400\n`)
  })

  it('waits for a process that has not given up its rights yet, as a container’s has not when its start is answered', async () => {
    const script = 'sleep 1; exec setpriv --bounding-set -all --inh-caps -all sleep 1000'
    const starting = spawn('sh', ['-c', script])
    const directory = await mkdtemp(join(tmpdir(), 'agent-'))
    try {
      const file = { path: 'file', content: Buffer.from('written'), mode: 0o644 }
      await agent.writeFiles(starting.pid!, directory, [file])
      expect(await readFile(join(directory, 'file'), 'utf8')).toBe('written')
    } finally {
      starting.kill('SIGKILL')
      await rm(directory, { recursive: true })
    }
  })

  it('refuses paths that lead out of the volume or to a folder', async () => {
    const file = { content: Buffer.from('x'), mode: 0o644 }
    await expect(agent.writeFiles(pid, '/volume', [{ ...file, path: '../etc/x' }])).rejects.toThrow(
      '../etc/x',
    )
    await expect(agent.writeFiles(pid, '/volume', [{ ...file, path: 'a' }])).rejects.toThrow('is a directory')
    await expect(agent.writeFiles(pid, '/missing', [{ ...file, path: 'x' }])).rejects.toThrow('/missing')
  })

  it('overwrites a mounted file in place', async () => {
    await agent.overwriteFile(pid, '/etc/resolv.conf', Buffer.from('nameserver 10.96.0.10\n'))
    expect(await inSandbox('cat /etc/resolv.conf')).toBe('nameserver 10.96.0.10\n')
    await expect(agent.overwriteFile(pid, '/etc/missing', Buffer.from('x'))).rejects.toThrow('no such file')
  })

  it('connects to a port in the pod, 8-bit clean in both directions', async () => {
    await serve(7001, 'cat')
    const content = randomBytes(5_000_000)
    const stream = await agent.dial(pid, 7001)
    stream.end(content)
    expect((await collect(stream)).equals(content)).toBe(true)
  })

  it('keeps the other direction open when one ends', async () => {
    await serve(7002, 'wc -c')
    const stream = await agent.dial(pid, 7002)
    stream.end(Buffer.alloc(100_000))
    expect((await collect(stream)).toString().trim()).toBe('100000')
  })

  it('rejects a port on which nothing listens', async () => {
    await expect(agent.dial(pid, 7009)).rejects.toThrow('port 7009 in the pod: connection refused')
  })

  it('leaves no process behind when a connection is broken off', async () => {
    await serve(7003, 'cat; sleep 1000')
    const stream = await agent.dial(pid, 7003)
    stream.write('x')
    await once(stream, 'data')
    const [container] = await agentContainers()
    const processes = async () =>
      ((await docker.getContainer(container?.Id ?? '').top()) as { Processes: string[][] }).Processes.filter(
        (fields) => fields.join(' ').includes('7003'),
      )
    expect(await processes()).toHaveLength(1)
    stream.destroy()
    await expect.poll(processes, { timeout: 90_000 }).toEqual([])
  })

  it('tells of the machine what the engine does not', async () => {
    const { bootId, swapBytes, diskBytes } = await agent.hostFacts()
    const { fileSystem } = (await agent.measureUsage({ containers: [], sandboxes: [] })) ?? {}
    expect(diskBytes).toBe(fileSystem?.capacityBytes)
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/)
    expect(swapBytes).toBeGreaterThanOrEqual(0)
  })

  it('measures what containers use, in one round trip', async () => {
    const worker = await docker.createContainer({
      Image: image,
      Labels: { [label.cluster]: clusterId },
      Cmd: ['sh', '-c', 'dd if=/dev/zero of=/dev/shm/x bs=1M count=32; while :; do :; done'],
      HostConfig: { CapDrop: ['ALL'] },
    })
    await worker.start()
    const sandbox = {
      id: sandboxId,
      pod: { uid: '', name: '', namespace: '' },
      attempt: 0,
      state: 'ready' as const,
      ip: '10.0.0.1',
      pid,
      createdAt: '',
    }
    const measure = async () => {
      const usage = await agent.measureUsage({
        containers: [worker.id, 'f'.repeat(64)],
        sandboxes: [sandbox],
      })
      if (!usage) throw new Error('the control groups cannot be seen')
      return usage
    }
    await until(async () =>
      ((await measure()).containers.get(worker.id)?.usageBytes ?? 0) > 32e6 ? 'yes' : '',
    )
    const before = await measure()
    await until(async () => {
      const used = (await measure()).containers.get(worker.id)?.cpuNanoSeconds ?? 0
      return used - before.containers.get(worker.id)!.cpuNanoSeconds > 100e6 ? 'yes' : ''
    })
    const after = await measure()
    const sample = after.containers.get(worker.id)!
    expect([...after.containers.keys()]).toEqual([worker.id])
    expect(sample.workingSetBytes).toBeGreaterThan(32e6)
    expect(sample.processes).toBeGreaterThanOrEqual(1)
    expect(after.processIds!.running).toBeGreaterThan(1)
    expect(after.processIds!.max).toBeGreaterThan(after.processIds!.running)
    expect(sample.workingSetBytes).toBeLessThanOrEqual(sample.usageBytes)
    expect(sample.uptimeMs).toBeGreaterThan(before.containers.get(worker.id)!.uptimeMs)
    expect(after.machine!.cpuNanoSeconds).toBeGreaterThan(before.machine!.cpuNanoSeconds)
    expect(after.network.get(sandboxId)?.map(({ name }) => name)).toEqual(['eth0'])
    expect(after.fileSystem!.capacityBytes).toBeGreaterThan(after.fileSystem!.usedBytes)
    await worker.kill()
  })

  it('limits and measures the containers of a group together, and removes it once it is empty', async () => {
    const { CgroupDriver: driver } = (await docker.info()) as { CgroupDriver: string }
    const group = podGroup(driver, randomUUID())!
    const member = await docker.createContainer({
      Image: image,
      Labels: { [label.cluster]: clusterId },
      Cmd: ['sleep', '600'],
      HostConfig: { CgroupParent: group },
    })
    await member.start()
    await agent.limitGroup(group, { cpuShares: 512, memoryLimitBytes: 64 * 2 ** 20, pidsLimit: 60 })
    await agent.limitGroup(group, { cpuShares: 512, memoryLimitBytes: 32 * 2 ** 20, pidsLimit: 60 })
    const run = async (script: string): Promise<string> => {
      const exec = await member.exec({ Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true })
      return text(await exec.start({}))
    }
    expect(await run('i=0; while [ $i -lt 99 ]; do sleep 600 & i=$((i+1)); done')).toMatch(/fork/)
    const usage = await agent.measureUsage({ containers: [member.id], sandboxes: [] }, () => group)
    expect(usage?.containers.get(member.id)?.processes).toBeGreaterThanOrEqual(1)
    await agent.removeGroup(group)
    await agent.limitGroup(group, {})
    expect(await run('i=0; while [ $i -lt 99 ]; do sleep 600 & i=$((i+1)); done')).not.toMatch(/fork/)
    await member.remove({ force: true })
    await agent.removeGroup(group)
    await expect(agent.limitGroup(group, {})).rejects.toThrow()
  })

  it('comes back when its container dies, and adopts the one that runs', async () => {
    const [first] = await agentContainers()
    const second = await start()
    expect((await agentContainers()).map(({ Id }) => Id)).toEqual([first?.Id])
    await second.applyRules(pid, 'add table ip again\n')
    await docker.getContainer(first?.Id ?? '').kill()
    await agent.applyRules(pid, 'add table ip again\n')
    expect(await agentContainers()).toHaveLength(1)
    expect((await agentContainers())[0]?.Id).not.toBe(first?.Id)
    await second.close()
    expect(await agentContainers()).toEqual([])
    await expect(second.applyRules(pid, 'add table ip again\n')).rejects.toThrow('closed')
  })
})
