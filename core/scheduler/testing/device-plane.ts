import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import type {
  Device,
  DeviceClassSpec,
  ResourceClaim,
  ResourceClaimSpec,
} from '../../api/generated/resource-v1.ts'
import { resources } from '../../api/resources.ts'
import { createReadyNode } from '../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Client } from '../../client/client.ts'
import { createPodClaimsController } from '../../controllers/resourceclaim/pod-claims.ts'
import { createClaimReservationsController } from '../../controllers/resourceclaim/reservations.ts'
import { createScheduler } from '../scheduler.ts'

/** The driver of all devices. */
export const testDriver = 'gpu.example.com'
const driver = testDriver
const namespace = 'default'

/** For tests of devices: a control plane with two ready nodes, the scheduler and the controllers of claims. */
export interface DevicePlane extends AsyncDisposable {
  plane: TestControlPlane
  /** What to do instead of a call of the scheduler's client. */
  instead: { bind?: () => Promise<never> }
  /** Devices of a node by name, whose model is what their name begins with, or as they are given. */
  publish(nodeName: string, ...devices: Array<string | Device>): Promise<void>
  /** The class `gpu` of all devices of the driver. */
  createClass(more?: Partial<DeviceClassSpec>): Promise<void>
  /** One device of the class. */
  request(expression?: string): ResourceClaimSpec
  createClaim(name: string, spec?: ResourceClaimSpec): Promise<ResourceClaim>
  createPod(name: string, spec?: Partial<PodSpec>): Promise<Pod>
  getPod(name: string): Promise<Pod>
  getClaim(name: string): Promise<ResourceClaim>
  listClaims(): Promise<ResourceClaim[]>
  /** Once it has one. */
  nodeOf(name: string): Promise<string>
  /** Resolves once the pod says so of its scheduling. */
  waitsBecause(name: string, reason: string): Promise<boolean>
  /** Deletes a pod at once. */
  end(name: string): Promise<void>
}

/** Starts everything. */
export async function createDevicePlane(): Promise<DevicePlane> {
  const plane = createTestControlPlane()
  const instead: DevicePlane['instead'] = {}
  const { client, dependencies } = plane
  const watched: Client = {
    ...client,
    createSubresource: (...args) => instead.bind?.() ?? client.createSubresource(...args),
  }
  const controllers = [
    createPodClaimsController(dependencies),
    createClaimReservationsController(dependencies),
  ]
  const scheduler = createScheduler({ ...dependencies, client: watched })
  await Promise.all([...controllers.map((controller) => controller.start()), scheduler.start()])
  await client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
  for (const name of ['n1', 'n2']) await createReadyNode(plane, name)

  const request: DevicePlane['request'] = (expression) => ({
    devices: {
      requests: [
        {
          name: 'card',
          exactly: {
            deviceClassName: 'gpu',
            ...(expression ? { selectors: [{ cel: { expression } }] } : {}),
          },
        },
      ],
    },
  })
  const getPod = (name: string): Promise<Pod> => client.get(resources.pods, { namespace, name })
  return {
    plane,
    instead,
    async publish(nodeName, ...devices) {
      await client.create(resources.resourceSlices, {
        metadata: { name: `${nodeName}-slice` },
        spec: {
          driver,
          nodeName,
          pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
          devices: devices.map((device) =>
            typeof device === 'string'
              ? { name: device, attributes: { model: { string: device.split('-')[0]! } } }
              : device,
          ),
        },
      })
    },
    async createClass(more = {}) {
      await client.create(resources.deviceClasses, {
        metadata: { name: 'gpu' },
        spec: {
          selectors: [{ cel: { expression: `device.driver == "${driver}"` } }],
          config: [{ opaque: { driver, parameters: { mode: 'fast' } } }],
          ...more,
        },
      })
    },
    request,
    createClaim: (name, spec = request()) =>
      client.create(resources.resourceClaims, { metadata: { name, namespace }, spec }),
    createPod: (name, spec = {}) =>
      client.create(resources.pods, {
        metadata: { name, namespace },
        spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
      }),
    getPod,
    getClaim: (name) => client.get(resources.resourceClaims, { namespace, name }),
    listClaims: async () => (await client.list(resources.resourceClaims, { namespace })).items,
    nodeOf: (name) => waitFor(async () => (await getPod(name)).spec.nodeName),
    waitsBecause: (name, reason) =>
      waitFor(async () =>
        (await getPod(name)).status?.conditions?.some(
          ({ type, message }) => type === 'PodScheduled' && message?.includes(reason),
        ),
      ),
    async end(name) {
      await client.delete(resources.pods, { namespace, name }, { gracePeriodSeconds: 0 })
    },
    async [Symbol.asyncDispose]() {
      await scheduler.stop()
      for (const controller of controllers) await controller.stop()
      await plane.close()
    },
  }
}
