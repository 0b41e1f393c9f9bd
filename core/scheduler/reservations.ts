import type { Node } from '../api/generated/core-v1.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Client } from '../client/client.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../util/clock.ts'
import { createDeviceReservations } from './devices/device-reservations.ts'
import { createDeviceView, type AssumedAllocations, type DeviceView } from './devices/device-view.ts'
import type { PodInfo } from './pod-info.ts'
import { createStorageView, type Assumptions, type StorageView } from './volumes/storage-view.ts'
import { createVolumeReservations } from './volumes/volume-reservations.ts'

/** What a pod on its way to a node has chosen besides the node: volumes and devices. */
export interface Reservation {
  /** Writes the choices; rejects with upstream's text of the plugin that failed (PreBind). */
  prepare(): Promise<void>
  /** The pod is bound: what was chosen is in the API. */
  done(): void
  /** Gives up what was chosen (Unreserve). */
  giveUp(): Promise<void>
}

/** The views that plugins choose from, and what becomes of their choices. */
export interface Reservations {
  readonly storage: { view: StorageView; informers: readonly Informer<KubeObject>[] }
  readonly devices: { view: DeviceView; informers: readonly Informer<KubeObject>[] }
  /** Undefined when the pod needs nothing but the node. */
  reserve(pod: PodInfo, node: Node): Reservation | undefined
  /** Has the bindings of a pod that is gone give up. */
  podGone(podKey: string): void
  [Symbol.dispose](): void
}

/** Reservations whose choices plugins see at once. */
export function createReservations(options: {
  client: Client
  informers: InformerFactory
  clock: Clock
}): Reservations {
  const { informers } = options
  const assumptions: Assumptions = { volumes: new Map(), claims: new Map() }
  const storage = createStorageView(informers, assumptions)
  const volumes = createVolumeReservations({ ...options, storage: storage.view, assumptions })
  const assumed: AssumedAllocations = new Map()
  const devices = createDeviceView(informers, assumed)
  const claims = createDeviceReservations({ ...options, view: devices.view, assumed })

  return {
    storage,
    devices,
    reserve(pod, node) {
      const volume = volumes.reserve(pod, node)
      const device = claims.reserve(pod, node)
      if (!volume && !device) return undefined
      return {
        async prepare() {
          if (volume) await inPlugin('"VolumeBinding": binding volumes', volume.bind())
          if (device) await inPlugin('"DynamicResources"', device.bind())
        },
        done: () => volume?.end(),
        async giveUp() {
          volume?.end()
          await device?.giveUp()
        },
      }
    },
    podGone(podKey) {
      volumes.giveUp(podKey)
      claims.podGone(podKey)
    },
    [Symbol.dispose]() {
      volumes[Symbol.dispose]()
      claims[Symbol.dispose]()
    },
  }
}

async function inPlugin(plugin: string, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`running PreBind plugin ${plugin}: ${message}`, { cause: error })
  }
}
