import { afterEach, describe, expect, it } from 'vitest'
import type { ContainerStatus, Pod } from '../../api/generated/core-v1.ts'
import {
  createSimulatedWorld,
  testContainer as container,
  testPod as pod,
  type SimulatedWorld,
} from '../testing/simulated-world.ts'

let world: SimulatedWorld
afterEach(() => world[Symbol.asyncDispose]())

async function run(object: Pod, until: (pod: Pod) => boolean): Promise<Pod> {
  world = createSimulatedWorld()
  await world.boot()
  const uid = world.api.createPod(object).metadata.uid!
  await world.eventually(() => {
    const current = world.api.pod(uid)
    return current !== undefined && until(current)
  })
  return world.api.pod(uid)!
}

const codeOf = (statuses: ContainerStatus[] | undefined, name: string): number | undefined =>
  statuses?.find((status) => status.name === name)?.state?.terminated?.exitCode

const prefix = 'simulated.wheelhouse.dev/'

describe('a simulated pod that nobody scripted', () => {
  it('gets past its init containers, and its sidecars stay', async () => {
    const initContainers = [container('setup'), container('proxy', { restartPolicy: 'Always' })]
    const { status } = await run(
      pod({ initContainers }),
      ({ status: now }) => now?.containerStatuses?.[0]?.ready === true,
    )
    expect(codeOf(status?.initContainerStatuses, 'setup')).toBe(0)
    expect(status?.initContainerStatuses?.find(({ name }) => name === 'proxy')?.state).toHaveProperty(
      'running',
    )
  })

  it('ends well when it belongs to a Job', async () => {
    const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true }
    const initContainers = [container('proxy', { restartPolicy: 'Always' })]
    const spec = { restartPolicy: 'Never' as const, initContainers }
    const { status } = await run(
      pod(spec, { ownerReferences: [job] }),
      ({ status: now }) => now?.phase === 'Succeeded',
    )
    expect(codeOf(status?.containerStatuses, 'app')).toBe(0)
  })

  it('runs where no image may run as root', async () => {
    const { status } = await run(
      pod({ securityContext: { runAsNonRoot: true } }),
      ({ status: now }) => now?.containerStatuses?.[0]?.ready === true,
    )
    expect(status?.containerStatuses?.[0]?.user?.linux?.uid).toBeGreaterThan(0)
  })
})

describe('a scripted pod', () => {
  it('follows what is said of one of its containers before what is said of all', async () => {
    const annotations = {
      [`${prefix}run-for.setup`]: '2s',
      [`${prefix}exit-code.app`]: '3',
      [`${prefix}exit-code`]: '0',
      [`${prefix}run-for`]: '1s',
    }
    const { status } = await run(
      pod({ restartPolicy: 'Never', initContainers: [container('setup')] }, { annotations }),
      ({ status: now }) => now?.phase === 'Failed',
    )
    const setup = status?.initContainerStatuses?.[0]?.state?.terminated
    expect(setup?.exitCode).toBe(0)
    expect(Date.parse(setup!.finishedAt!) - Date.parse(setup!.startedAt!)).toBeGreaterThanOrEqual(2_000)
    expect(codeOf(status?.containerStatuses, 'app')).toBe(3)
  })
})
