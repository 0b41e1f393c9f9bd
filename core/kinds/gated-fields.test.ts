import { beforeEach, describe, expect, it } from 'vitest'
import { dropGatedFields } from '../registry/gated-fields.ts'
import { TestKinds, type AnyObject } from './testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => void (kinds = new TestKinds()))

const podSpec = `{
  schedulingGroup: { podGroupName: g },
  os: { name: linux },
  containers: [
    { name: a, image: i, lifecycle: { stopSignal: SIGUSR1 } },
    { name: b, image: i, lifecycle: { stopSignal: SIGUSR1, preStop: { sleep: { seconds: 1 } } } },
  ],
  volumes: [
    {
      name: v,
      projected: {
        sources: [{ secret: { name: s }, podCertificate: { signerName: a/b, keyType: ED25519, credentialBundlePath: x } }],
      },
    },
  ],
}`
const template = `{ metadata: { labels: { a: b } }, spec: ${podSpec} }`

describe('fields behind feature gates that are off', () => {
  it.each<[string, (object: AnyObject) => AnyObject]>([
    [`{ kind: Pod, metadata: { name: o }, spec: ${podSpec} }`, ({ spec }) => spec],
    [`{ kind: PodTemplate, metadata: { name: o }, template: ${template} }`, (object) => object.template.spec],
    [
      `{ kind: Deployment, metadata: { name: o }, spec: { selector: { matchLabels: { a: b } }, template: ${template} } }`,
      ({ spec }) => spec.template.spec,
    ],
    [
      `{ kind: CronJob, metadata: { name: o }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: ${template.replace('{ metadata', '{ metadata').replace('schedulingGroup', 'restartPolicy: Never, schedulingGroup')} } } } }`,
      ({ spec }) => spec.jobTemplate.spec.template.spec,
    ],
  ])('are dropped from %s', async (yaml, specOf) => {
    const made = specOf(await kinds.create(yaml))
    expect(made.schedulingGroup).toBeUndefined()
    expect(made.containers[0].lifecycle).toBeUndefined()
    expect(made.containers[1].lifecycle).toEqual({ preStop: { sleep: { seconds: 1 } } })
    expect(made.volumes[0].projected.sources).toEqual([{ secret: { name: 's' } }])
  })

  it('are dropped from updates, and of other kinds', async () => {
    const driver = await kinds.create(
      '{ kind: CSIDriver, metadata: { name: d }, spec: { preventPodSchedulingIfMissing: true } }',
    )
    expect(driver.spec).not.toHaveProperty('preventPodSchedulingIfMissing')
    const changed = await kinds.update(driver, ({ spec }) => {
      spec.preventPodSchedulingIfMissing = true
      spec.storageCapacity = true
    })
    expect(changed.spec.storageCapacity).toBe(true)
    expect(changed.spec).not.toHaveProperty('preventPodSchedulingIfMissing')
    const claim = await kinds.create(
      '{ kind: PersistentVolumeClaim, metadata: { name: c }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }, dataSourceRef: { kind: PersistentVolumeClaim, name: x, namespace: other } } }',
    )
    expect(claim.spec).not.toHaveProperty('dataSourceRef')
    expect(claim.spec).not.toHaveProperty('dataSource')
  })

  it('are dropped where drivers tell of resources of nodes', async () => {
    const slice = await kinds.create(`{
      kind: ResourceSlice, metadata: { name: s },
      spec: {
        driver: d.example.com, nodeName: n, pool: { name: p, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: a, nodeAllocatableResourceMappings: { cpu: { allocationMultiplier: '2' } } }],
      },
    }`)
    expect(slice.spec.devices).toEqual([{ name: 'a' }])
    const pod = await kinds.create(
      '{ kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: i }] } }',
    )
    const status = {
      nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'c', resources: { cpu: '2' } }],
    }
    const told = await kinds.update(pod, (object) => Object.assign(object.status, status), 'status')
    expect(told.status).not.toHaveProperty('nodeAllocatableResourceClaimStatuses')
  })

  it('stay where the stored object has one of them', () => {
    const gated = [{ gate: 'G', paths: ['spec.list[].a', 'spec.map{}.b'] }]
    const object = (): AnyObject => ({ spec: { list: [{ a: 1, c: 1 }], map: { k: { b: 1 } } } })
    const kept = object()
    dropGatedFields(kept, { ...object(), spec: { list: [], map: { other: { b: 0 } } } }, gated)
    expect(kept).toEqual(object())
    dropGatedFields(kept, { ...object(), spec: { list: [{ c: 1 }], map: {} } }, gated)
    expect(kept).toEqual({ spec: { list: [{ c: 1 }], map: { k: {} } } })
  })
})
