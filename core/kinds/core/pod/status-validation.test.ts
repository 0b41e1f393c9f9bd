import { beforeEach, describe, expect, it } from 'vitest'
import { TestKinds } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

describe('the status of a container that has ended', () => {
  const told = (state: object): object => ({
    containerStatuses: [
      { name: 'a', image: 'i', imageID: '', ready: false, restartCount: 0, state },
      { name: 'b', image: 'i', imageID: '', ready: false, restartCount: 0, state: { running: {} } },
    ],
  })

  async function runAgain(rules: string): Promise<unknown> {
    const pod = await kinds.create(
      `{ kind: Pod, metadata: { generateName: p- }, spec: { restartPolicy: Never, containers: [{ name: a, image: i }, { name: b, image: i ${rules} }] } }`,
    )
    const ended = await kinds.update(
      pod,
      ({ status }) => Object.assign(status, told({ terminated: { exitCode: 0 } })),
      'status',
    )
    return kinds.update(ended, ({ status }) => Object.assign(status, told({ running: {} })), 'status')
  }

  it('stays, unless another container can have all of the pod begin anew', async () => {
    await expect(runAgain('')).rejects.toThrow('may not be transitioned to non-terminated state')
    const rule = (action: string): string =>
      `, restartPolicy: Never, restartPolicyRules: [{ action: ${action}, exitCodes: { operator: In, values: [1] } }]`
    await expect(runAgain(rule('Restart'))).rejects.toThrow('may not be transitioned to non-terminated state')
    await expect(runAgain(rule('RestartAllContainers'))).resolves.toBeDefined()
  })
})
