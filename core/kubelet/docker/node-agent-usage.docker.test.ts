import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { label } from './labels.ts'
import { podGroup } from './pod-group.ts'
import { clusterId, docker, useNodeAgent } from './testing/use-node-agent.ts'

describe('node image, cluster network and node agent', () => {
  const under = useNodeAgent()

  const { until } = under

  it('tells of the machine what the engine does not', async () => {
    const { bootId, swapBytes, diskBytes } = await under.agent.hostFacts()
    const { fileSystem } = (await under.agent.measureUsage({ containers: [], sandboxes: [] })) ?? {}
    expect(diskBytes).toBe(fileSystem?.capacityBytes)
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/)
    expect(swapBytes).toBeGreaterThanOrEqual(0)
  })

  it('measures what containers use, in one round trip', async () => {
    const worker = await docker.createContainer({
      Image: under.image,
      Labels: { [label.cluster]: clusterId },
      Cmd: ['sh', '-c', 'dd if=/dev/zero of=/dev/shm/x bs=1M count=32; while :; do :; done'],
      HostConfig: { CapDrop: ['ALL'] },
    })
    await worker.start()
    const sandbox = {
      id: under.sandboxId,
      pod: { uid: '', name: '', namespace: '' },
      attempt: 0,
      state: 'ready' as const,
      ip: '10.0.0.1',
      pid: under.pid,
      createdAt: '',
    }
    const measure = async () => {
      const usage = await under.agent.measureUsage({
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
    expect(after.network.get(under.sandboxId)?.map(({ name }) => name)).toEqual(['eth0'])
    expect(after.fileSystem!.capacityBytes).toBeGreaterThan(after.fileSystem!.usedBytes)
    await worker.kill()
  })

  it('limits and measures the containers of a group together, and removes it once it is empty', async () => {
    const { CgroupDriver: driver } = (await docker.info()) as { CgroupDriver: string }
    const group = podGroup(driver, randomUUID())!
    const member = await docker.createContainer({
      Image: under.image,
      Labels: { [label.cluster]: clusterId },
      Cmd: ['sleep', '600'],
      HostConfig: { CgroupParent: group },
    })
    await member.start()
    await under.agent.limitGroup(group, { cpuShares: 512, memoryLimitBytes: 64 * 2 ** 20, pidsLimit: 60 })
    await under.agent.limitGroup(group, { cpuShares: 512, memoryLimitBytes: 32 * 2 ** 20, pidsLimit: 60 })
    const run = async (script: string): Promise<string> => {
      const exec = await member.exec({ Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true })
      return text(await exec.start({}))
    }
    expect(await run('i=0; while [ $i -lt 99 ]; do sleep 600 & i=$((i+1)); done')).toMatch(/fork/)
    const usage = await under.agent.measureUsage({ containers: [member.id], sandboxes: [] }, () => group)
    expect(usage?.containers.get(member.id)?.processes).toBeGreaterThanOrEqual(1)
    await under.agent.removeGroup(group)
    await under.agent.limitGroup(group, {})
    expect(await run('i=0; while [ $i -lt 99 ]; do sleep 600 & i=$((i+1)); done')).not.toMatch(/fork/)
    await member.remove({ force: true })
    await under.agent.removeGroup(group)
    await expect(under.agent.limitGroup(group, {})).rejects.toThrow()
  })
})
