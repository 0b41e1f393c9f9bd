import { describe, expect, it } from 'vitest'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { namespace, usePlane } from '../testing/use-plane.ts'
import { createJobController } from './job.ts'

describe('pods of a job that are being deleted', () => {
  const under = usePlane(({ dependencies }) => [createJobController(dependencies)])
  const { pods } = under

  const get = (name: string): Promise<Job> => under.plane.client.get(resources.jobs, { namespace, name })
  const create = (name: string, spec: Partial<JobSpec>): Promise<Job> =>
    under.plane.client.create(resources.jobs, {
      metadata: { name, namespace },
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } },
        ...spec,
      },
    })
  /** Has the only pod of a job be deleted, without its end. */
  async function deletePod(name: string): Promise<Pod> {
    const [pod] = await waitFor(async () => {
      const running = (await pods()).filter(({ status }) => status?.phase === 'Running')
      return running.length === 1 && (await get(name)).status?.active === 1 ? running : undefined
    })
    under.isAlive = false
    await under.plane.client.delete(resources.pods, { namespace, name: pod!.metadata.name })
    await waitFor(async () => (await get(name)).status?.terminating === 1)
    return pod!
  }

  it('are replaced before they have ended, after the back-off of a failure', async () => {
    await create('eager', { podReplacementPolicy: 'TerminatingOrFailed' })
    await deletePod('eager')
    await waitFor(async () => (await get('eager')).status?.failed === 1)
    await under.clock.advance(11_000)
    await waitFor(async () => (await get('eager')).status?.active === 1)
    expect((await get('eager')).status).toMatchObject({ failed: 1, terminating: 1 })
    expect(await pods()).toHaveLength(2)
  })

  it('are waited for where the policy is Failed', async () => {
    await create('patient', { podReplacementPolicy: 'Failed' })
    const pod = await deletePod('patient')
    expect((await get('patient')).status?.active).toBeUndefined()
    expect(await pods()).toHaveLength(1)
    const body = { status: { phase: 'Failed' } }
    await under.plane.client.patch(
      resources.pods,
      { namespace, name: pod.metadata.name },
      { type: 'merge', subresource: 'status', body },
    )
    await waitFor(async () => (await get('patient')).status?.failed === 1)
    // The next try waits for its back-off.
    await under.clock.advance(11_000)
    await waitFor(async () => (await pods()).some(({ metadata }) => metadata.uid !== pod.metadata.uid))
  })

  it('and no others are made for a job that somebody else manages', async () => {
    await create('foreign', { managedBy: 'example.com/queue' })
    await create('own', {})
    await waitFor(async () => (await get('own')).status?.active === 1)
    const owners = (await pods()).map(({ metadata }) => metadata.ownerReferences?.[0]?.name)
    expect(owners).toEqual(['own'])
    expect((await get('foreign')).status ?? {}).toEqual({})
  })
})
