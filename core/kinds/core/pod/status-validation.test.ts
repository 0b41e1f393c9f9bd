import { beforeEach, describe, expect, it } from 'vitest'
import type { StatusError } from '../../../api/status.ts'
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

describe('the claim for extended resources', () => {
  it('names containers, what they ask for, and itself', async () => {
    const pod = await kinds.create(
      "{ kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: i, resources: { limits: { example.com/gpu: '1' } } }] } }",
    )
    const mapping = (containerName: string, resourceName: string): object => ({
      containerName,
      resourceName,
      requestName: 'container-0-request-0',
    })
    const tell = (resourceClaimName: string, ...requestMappings: object[]): Promise<unknown> =>
      kinds.update(
        pod,
        ({ status }) =>
          Object.assign(status, { extendedResourceClaimStatus: { resourceClaimName, requestMappings } }),
        'status',
      )
    const problems = (told: Promise<unknown>): Promise<unknown> =>
      told.catch((error: StatusError) =>
        error.status.details?.causes?.map(
          ({ field, message }) => `${field?.replace('status.extendedResourceClaimStatus.', '')}: ${message}`,
        ),
      )
    const fine = mapping('a', 'example.com/gpu')
    expect(await problems(tell(''))).toEqual([
      'requestMappings: Required value: at least one request mapping is required',
      'resourceClaimName: Required value',
    ])
    expect(await problems(tell('p-1', mapping('x', 'example.com/gpu'), mapping('a', 'other.com/x')))).toEqual(
      [
        'requestMappings[0].containerName: Invalid value: "x": must match the name of an entry in spec.initContainers.name or spec.containers.name',
        'requestMappings[1].resourceName: Invalid value: "other.com/x": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
      ],
    )
    expect(await problems(tell('p-1', fine, fine))).toHaveLength(3)
    await expect(tell('p-1', fine)).resolves.toBeDefined()
  })
})
