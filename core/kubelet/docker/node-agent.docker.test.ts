import { createHash, randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureClusterNetwork, nodePodRange } from './cluster-network.ts'
import { label } from './labels.ts'
import { removeClusterResources } from './remove-cluster.ts'
import { clusterId, docker, log, useNodeAgent } from './testing/use-node-agent.ts'

describe('node image, cluster network and node agent', () => {
  const under = useNodeAgent()

  const { start, agentContainers, inSandbox, serve, collect } = under

  it('has a small image whose command ends at once and leaves no zombies', async () => {
    const { Size, Config } = await docker.getImage(under.image).inspect()
    expect(Size).toBeLessThan(15_000_000)
    expect(Config.Cmd).toEqual(['/sbin/pause'])
    const container = await docker.createContainer({
      Image: under.image,
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
      Array.from({ length: 20 }, (_, index) => under.agent.applyRules(under.pid, `add table ip t${index}\n`)),
    )
    await under.agent.applyRules(
      under.pid,
      `${Array.from({ length: 19 }, (_, i) => `delete table ip t${i}`).join('\n')}\n`,
    )
    await expect(under.agent.applyRules(under.pid, 'add rule ip t19 nowhere accept\n')).rejects.toThrow(
      'No such file or directory',
    )
    await expect(under.agent.applyRules(1, 'add table ip t\n')).rejects.toThrow('process id 1')
    // The init process of the host has rights the agent lacks; so has this one.
    await expect(under.agent.applyRules(process.pid, 'add table ip t\n')).rejects.toThrow('Permission denied')
  })

  it('leaves no ended processes behind, however many calls there were', async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 20 }, () => under.agent.applyRules(under.pid, 'add table ip again\n')),
      )
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
    await under.agent.applyRules(under.pid, 'add table ip kept\n')
    for (let round = 0; round < 5; round++) {
      const chain = `ip kept chain-${round}`
      await under.agent.applyRules(under.pid, `add chain ${chain}\nadd rule ${chain} accept\n`)
    }
    await expect.poll(kept).toBe(1)
    const half = 'add chain ip kept half\nadd rule ip kept nowhere accept\n'
    await expect(under.agent.applyRules(under.pid, half)).rejects.toThrow('No such file or directory')
    // All that was whole is there, and nothing of the others.
    await under.agent.applyRules(under.pid, 'delete chain ip kept chain-0\ndelete chain ip kept chain-4\n')
    await expect(under.agent.applyRules(under.pid, 'delete chain ip kept half\n')).rejects.toThrow(
      'No such file',
    )
    await under.agent.applyRules(under.pid, 'add chain ip kept last\n')
    under.agent.leaveRules(under.pid)
    await expect.poll(kept).toBe(0)
    await under.agent.applyRules(under.pid, 'delete table ip kept\n')
  })

  it('forgets flows, also when there are none', async () => {
    await under.agent.forgetFlows(under.pid, [
      { clusterIp: '10.96.0.10', port: 53, endpointIp: '10.244.1.2' },
    ])
  })

  it('writes files of any content, with their modes, in folders', async () => {
    const content = randomBytes(1_000_000)
    await under.agent.writeFiles(under.pid, '/volume', [
      { path: 'plain', content: Buffer.from('END\nEND_\n'), mode: 0o644 },
      { path: "a/b/it's binary", content, mode: 0o400 },
      { path: 'empty', content: new Uint8Array(), mode: 0o600 },
    ])
    await under.agent.writeFiles(under.pid, '/volume', [
      { path: 'plain', content: Buffer.from('second'), mode: 0o600 },
    ])
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
      await under.agent.writeFiles(starting.pid!, directory, [file])
      expect(await readFile(join(directory, 'file'), 'utf8')).toBe('written')
    } finally {
      starting.kill('SIGKILL')
      await rm(directory, { recursive: true })
    }
  })

  it('refuses paths that lead out of the volume or to a folder', async () => {
    const file = { content: Buffer.from('x'), mode: 0o644 }
    await expect(
      under.agent.writeFiles(under.pid, '/volume', [{ ...file, path: '../etc/x' }]),
    ).rejects.toThrow('../etc/x')
    await expect(under.agent.writeFiles(under.pid, '/volume', [{ ...file, path: 'a' }])).rejects.toThrow(
      'is a directory',
    )
    await expect(under.agent.writeFiles(under.pid, '/missing', [{ ...file, path: 'x' }])).rejects.toThrow(
      '/missing',
    )
  })

  it('overwrites a mounted file in place', async () => {
    await under.agent.overwriteFile(under.pid, '/etc/resolv.conf', Buffer.from('nameserver 10.96.0.10\n'))
    expect(await inSandbox('cat /etc/resolv.conf')).toBe('nameserver 10.96.0.10\n')
    await expect(under.agent.overwriteFile(under.pid, '/etc/missing', Buffer.from('x'))).rejects.toThrow(
      'no such file',
    )
  })

  it('connects to a port in the pod, 8-bit clean in both directions', async () => {
    await serve(7001, 'cat')
    const content = randomBytes(5_000_000)
    const stream = await under.agent.dial(under.pid, 7001)
    stream.end(content)
    expect((await collect(stream)).equals(content)).toBe(true)
  })

  it('keeps the other direction open when one ends', async () => {
    await serve(7002, 'wc -c')
    const stream = await under.agent.dial(under.pid, 7002)
    stream.end(Buffer.alloc(100_000))
    expect((await collect(stream)).toString().trim()).toBe('100000')
  })

  it('rejects a port on which nothing listens', async () => {
    await expect(under.agent.dial(under.pid, 7009)).rejects.toThrow(
      'port 7009 in the pod: connection refused',
    )
  })

  it('leaves no process behind when a connection is broken off', async () => {
    await serve(7003, 'cat; sleep 1000')
    const stream = await under.agent.dial(under.pid, 7003)
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

  it('comes back when its container dies, and adopts the one that runs', async () => {
    const [first] = await agentContainers()
    const second = await start()
    expect((await agentContainers()).map(({ Id }) => Id)).toEqual([first?.Id])
    await second.applyRules(under.pid, 'add table ip again\n')
    await docker.getContainer(first?.Id ?? '').kill()
    await under.agent.applyRules(under.pid, 'add table ip again\n')
    expect(await agentContainers()).toHaveLength(1)
    expect((await agentContainers())[0]?.Id).not.toBe(first?.Id)
    await second.close()
    expect(await agentContainers()).toEqual([])
    await expect(second.applyRules(under.pid, 'add table ip again\n')).rejects.toThrow('closed')
  })
})
