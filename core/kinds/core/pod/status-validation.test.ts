import { beforeEach, describe, expect, it } from 'vitest'
import type { StatusError } from '../../../api/status.ts'
import { type AnyObject, causesOf, TestKinds } from '../../testing/test-kinds.ts'

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

describe('what a status does not say', () => {
  it('of the generations it goes by is kept', async () => {
    const pod = await kinds.create(
      '{ kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: i }] } }',
    )
    const condition = (type: string, observedGeneration?: number): object => ({
      type,
      status: 'True',
      observedGeneration,
    })
    const told = await kinds.update(
      pod,
      ({ status }) => {
        status.observedGeneration = 3
        status.conditions = [condition('a.b/x', 1), condition('a.b/x', 2), condition('Ready', 3)]
      },
      'status',
    )
    const untold = await kinds.update(
      told,
      ({ status }) => {
        delete status.observedGeneration
        status.conditions = [
          condition('Ready', 4),
          condition('a.b/x'),
          condition('a.b/x'),
          condition('a.b/y'),
        ]
      },
      'status',
    )
    expect(untold.status.observedGeneration).toBe(3)
    const generations = untold.status.conditions.map(
      (one: { observedGeneration?: number }) => one.observedGeneration,
    )
    expect(generations).toEqual([4, 1, 2, undefined])
  })
})

describe('what a status says', () => {
  const create = (nodeName: string): Promise<AnyObject> =>
    kinds.create(
      `{ kind: Pod, metadata: { name: p }, spec: { ${nodeName} containers: [{ name: a, image: i, resources: { limits: { cpu: 1 } } }] } }`,
    )

  it('of devices is about those that the container asks for, each once', async () => {
    const pod = await create('')
    const device = { resourceID: 'd', health: 'Healthy', message: 'x'.repeat(1025) }
    const allocatedResourcesStatus = [
      { name: 'cpu', resources: [device, { resourceID: 'd', health: 'Odd', message: '' }] },
      { name: 'memory' },
      { name: 'claim:c/r' },
    ]
    const container = {
      name: 'a',
      image: 'i',
      imageID: '',
      ready: false,
      restartCount: 0,
      allocatedResourcesStatus,
    }
    const told = kinds.update(
      pod,
      ({ status }) => {
        status.containerStatuses = [container]
        status.ephemeralContainerStatuses = [container]
      },
      'status',
    )
    const path = 'status.containerStatuses[0].allocatedResourcesStatus'
    expect(await causesOf(told)).toEqual([
      `FieldValueTooLong ${path}[0].resources[0].message: Too long: may not be more than 1024 bytes`,
      `FieldValueNotSupported ${path}[0].resources[1].health: Unsupported value: "Odd": supported values: "Healthy", "Unhealthy", "Unknown"`,
      `FieldValueRequired ${path}[0].resources[1].message: Required value: must be non-empty if specified`,
      `FieldValueDuplicate ${path}[0].resources[1].resourceID: Duplicate value: "d"`,
      `FieldValueInvalid ${path}[1].name: Invalid value: "memory": must match one of the container's resource requests`,
      `FieldValueInvalid ${path}[2].name: Invalid value: "claim:c/r": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
      'FieldValueForbidden status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status',
    ])
  })

  it('is not where a pod with a node may go', async () => {
    const pod = await create('nodeName: n,')
    const told = kinds.update(pod, ({ status }) => (status.nominatedNodeName = 'm'), 'status')
    expect(await causesOf(told)).toEqual([
      'FieldValueForbidden status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
    ])
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
