import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCondition } from '../../api/conditions.ts'
import type { ContainerStatus, Pod } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
const executed: string[] = []

beforeEach(() => {
  executed.length = 0
  world = createSimulatedWorld()
  const { exec } = world.runtime
  world.runtime.exec = (id, options) => {
    executed.push(options.command.join(' '))
    return exec(id, options)
  }
})
afterEach(() => world[Symbol.asyncDispose]())

const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } }
const preStop = { exec: { command: ['say', 'goodbye'] } }
const status = (uid: string): Pod['status'] => world.api.pod(uid)?.status
const named = (uid: string, name: string): ContainerStatus | undefined =>
  [...(status(uid)?.initContainerStatuses ?? []), ...(status(uid)?.containerStatuses ?? [])].find(
    (one) => one.name === name,
  )

/** A pod that does not restart but for its watcher, with an app that ended long ago. */
async function runningPod(): Promise<string> {
  const spec = {
    restartPolicy: 'Never',
    containers: [
      testContainer('main', { lifecycle: { preStop } }),
      testContainer('done'),
      testContainer('watcher', { restartPolicy: 'Never', restartPolicyRules: [rule] }),
    ],
    initContainers: [testContainer('sidecar', { restartPolicy: 'Always' })],
  }
  const uid = world.api.createPod(testPod(spec)).metadata.uid!
  await world.eventually(() => named(uid, 'watcher')?.state?.running !== undefined)
  await crash(uid, 'done', 0)
  await world.eventually(() => named(uid, 'done')?.state?.terminated !== undefined)
  return uid
}

async function crash(uid: string, name: string, exitCode: number): Promise<void> {
  const found = (await world.runtime.listContainers(uid)).find((one) => one.name === name)
  world.runtime.crashContainer(found!.id, exitCode)
}

const restarts = (uid: string): number[] =>
  ['sidecar', 'main', 'done', 'watcher'].map((name) => named(uid, name)?.restartCount ?? -1)
const isRunning = (uid: string): boolean =>
  ['sidecar', 'main', 'done', 'watcher'].every((name) => named(uid, name)?.state?.running !== undefined)
const condition = (uid: string): string | undefined =>
  findCondition(status(uid)?.conditions, 'AllContainersRestarting')?.status

describe('the rule that restarts all containers', () => {
  it('has the whole pod begin anew in its sandbox, also what had ended, without preStop hooks', async () => {
    await world.boot()
    const uid = await runningPod()
    const before = await world.runtime.listSandboxes(uid)
    expect(condition(uid)).toBe('False')
    const seen = new Set<unknown>()
    const { patchPodStatus } = world.api
    world.api.patchPodStatus = (pod, patch) => {
      const change = patch as Pod['status']
      seen.add(findCondition(change?.conditions, 'AllContainersRestarting')?.reason)
      seen.add(change?.phase)
      return patchPodStatus(pod, patch)
    }
    await crash(uid, 'watcher', 88)
    await world.eventually(() => restarts(uid).every((count) => count === 1) && isRunning(uid))
    expect(seen).toContain('RestartAllContainersStarted')
    expect(seen).not.toContain('Failed')
    expect(condition(uid)).toBe('False')
    expect(status(uid)?.phase).toBe('Running')
    expect(await world.runtime.listSandboxes(uid)).toEqual(before)
    expect(executed).toEqual([])
    expect(named(uid, 'watcher')?.lastState?.terminated).toMatchObject({ exitCode: 88 })
    expect(named(uid, 'done')?.lastState?.terminated).toMatchObject({ exitCode: 0 })
    expect(named(uid, 'main')?.lastState?.terminated).toMatchObject({ exitCode: 143 })
  })

  it('holds for its exit codes alone', async () => {
    await world.boot()
    const uid = await runningPod()
    await crash(uid, 'watcher', 1)
    await crash(uid, 'main', 1)
    await world.eventually(() => status(uid)?.phase === 'Failed')
    expect(restarts(uid)).toEqual([0, 0, 0, 0])
    expect(findCondition(status(uid)?.conditions, 'AllContainersRestarting')).toMatchObject({
      status: 'False',
      reason: 'PodFailed',
    })
  })

  it('is backed off when the same container brings it about again', async () => {
    await world.boot()
    const uid = await runningPod()
    await crash(uid, 'watcher', 88)
    await world.eventually(() => isRunning(uid) && restarts(uid).every((count) => count === 1))
    await crash(uid, 'watcher', 88)
    await world.eventually(() => named(uid, 'watcher')?.state?.waiting?.reason === 'CrashLoopBackOff')
    expect(condition(uid)).toBe('True')
    expect(restarts(uid)).toEqual([1, 1, 1, 1])
    await world.eventually(() => isRunning(uid) && restarts(uid).every((count) => count === 2))
  })

  it('is carried on with by a kubelet that was started anew', async () => {
    const kubelet = await world.boot()
    const uid = await runningPod()
    await crash(uid, 'watcher', 88)
    await world.eventually(() => isRunning(uid) && restarts(uid).every((count) => count === 1))
    await crash(uid, 'watcher', 88)
    await world.eventually(() => condition(uid) === 'True')
    await kubelet.stop({ containers: 'keep' })
    await world.boot()
    await world.eventually(() => isRunning(uid) && restarts(uid).every((count) => count === 2), 60_000)
    expect(condition(uid)).toBe('False')
  })
})
